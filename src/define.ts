import type { TriptychElementEventMap } from "./ui/element.js";
import { CompareElement } from "./ui/compare-element.js";
import { GenerateElement } from "./ui/generate-element.js";
import type { DecoderName, LoadOptions } from "./worker/model-options.js";

/** Attributes that both elements have, and the properties that a framework may set in their place. */
export interface PaneAttributes {
  prompt?: string | undefined;
  models?: string | undefined;
  target?: string | undefined;
  draft?: string | undefined;
  diffusion?: string | undefined;
  "max-new-tokens"?: number | string | undefined;
  temperature?: number | string | undefined;
  seed?: number | string | undefined;
  energy?: "target" | "draft" | undefined;
  device?: LoadOptions["device"] | undefined;
  recording?: string | undefined;
  messages?: CompareElement["messages"];
  options?: CompareElement["options"] | undefined;
}

/** Listeners for their events, as React 19 and Preact name them. */
export type PaneListeners = {
  [Name in keyof TriptychElementEventMap as `on${Name}`]?: ((event: TriptychElementEventMap[Name]) => void) | undefined;
};

/** Attributes of a form's control. */
export interface FormAttributes {
  name?: string | undefined;
  disabled?: boolean | undefined;
  required?: boolean | undefined;
}

/** The elements for JSX: what a framework's `IntrinsicElements` extends, with what it gives every element as `Base`. */
export interface TriptychElements<Base = object> {
  "triptych-compare": Base &
    PaneAttributes &
    PaneListeners & {
      address?: boolean | undefined;
      history?: boolean | undefined;
      decoders?: string | readonly DecoderName[] | undefined;
    };
  "triptych-generate": Base & PaneAttributes & PaneListeners & FormAttributes & { decoder?: DecoderName | undefined };
}

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
