import { CompareElement } from "./ui/compare-element.js";
import { GenerateElement } from "./ui/generate-element.js";
import type { PaneEventDetail, PaneOutcomes } from "./ui/element.js";
import type { DecoderName, LoadOptions } from "./worker/model-options.js";

/** Attributes that both elements have. */
export interface PaneAttributes {
  prompt?: string | undefined;
  models?: string | undefined;
  target?: string | undefined;
  draft?: string | undefined;
  diffusion?: string | undefined;
  "max-new-tokens"?: number | string | undefined;
  temperature?: number | string | undefined;
  seed?: number | string | undefined;
  device?: LoadOptions["device"] | undefined;
}

/** The elements for JSX: what a framework's `IntrinsicElements` extends, with what it gives every element as `Base`. */
export interface TriptychElements<Base = object> {
  "triptych-compare": Base & PaneAttributes;
  "triptych-generate": Base & PaneAttributes & { decoder?: DecoderName | undefined };
}

declare global {
  interface HTMLElementTagNameMap {
    "triptych-generate": GenerateElement;
    "triptych-compare": CompareElement;
  }
  interface GlobalEventHandlersEventMap {
    "triptych-event": CustomEvent<PaneEventDetail>;
    "triptych-done": CustomEvent<PaneOutcomes>;
    "triptych-error": CustomEvent<{ pane: string; name: string; code: string; message: string }>;
  }
}

// A server has no registry. Two bundles on one page may both define, and the first one wins.
const registry = globalThis.customElements as CustomElementRegistry | undefined;
const elements = { "triptych-generate": GenerateElement, "triptych-compare": CompareElement };
for (const [name, element] of Object.entries(elements)) {
  if (!registry?.get(name)) registry?.define(name, element);
}
