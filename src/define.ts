import { CompareElement } from "./ui/compare-element.js";
import { GenerateElement } from "./ui/generate-element.js";

declare global {
  interface HTMLElementTagNameMap {
    "triptych-generate": GenerateElement;
    "triptych-compare": CompareElement;
  }
}

// Guarded: two bundles on one page may both define, and the first one wins.
if (!customElements.get("triptych-generate")) customElements.define("triptych-generate", GenerateElement);
if (!customElements.get("triptych-compare")) customElements.define("triptych-compare", CompareElement);
