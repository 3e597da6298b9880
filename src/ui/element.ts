import type { TriptychElementEventMap } from "./element-events.js";

/** `<triptych-compare>`: three decoders write on from one prompt, side by side. */
export { CompareElement } from "./compare-element.js";
/** `<triptych-generate>`: one decoder writes. */
export { GenerateElement } from "./generate-element.js";
/** The elements' events, by name: listeners of every element and document know them. */
export type { TriptychElementEventMap } from "./element-events.js";
/** What a `triptych-event` carries. */
export type { PaneEventDetail } from "./pane.js";
/** What a `triptych-done` carries: how each pane ended, by its name. */
export type { PaneName, PaneOutcome, PaneOutcomes } from "./pane-outcome.js";

declare global {
  interface GlobalEventHandlersEventMap extends TriptychElementEventMap {}
}
