import { CompareElement } from "./ui/compare-element.js";
import { GenerateElement } from "./ui/generate-element.js";

declare global {
  interface HTMLElementTagNameMap {
    "triptych-generate": GenerateElement;
    "triptych-compare": CompareElement;
  }
}

// A server has no registry. Two bundles on one page may both define, and the first one wins.
const registry = globalThis.customElements as CustomElementRegistry | undefined;
const elements = { "triptych-generate": GenerateElement, "triptych-compare": CompareElement };
for (const [name, element] of Object.entries(elements)) {
  if (!registry?.get(name)) registry?.define(name, element);
}
