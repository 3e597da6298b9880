import type { WireError } from "../vocabulary/errors.js";
import type { Prompt } from "../vocabulary/prompt.js";
import type { PaneEventDetail } from "./pane.js";
import type { PaneName, PaneOutcomes } from "./pane-outcome.js";

/** The events of the elements, by name. All bubble, out of shadow roots too. */
export interface TriptychElementEventMap {
  /** A generation was asked for, and nothing is loaded yet; `preventDefault()` keeps it from being written. */
  "triptych-start": CustomEvent<{ prompt: Prompt }>;
  /** An event of a pane's run. */
  "triptych-event": CustomEvent<PaneEventDetail>;
  /** All panes have ended: how, by the pane's name. */
  "triptych-done": CustomEvent<PaneOutcomes>;
  /** A pane has failed. */
  "triptych-error": CustomEvent<WireError & { pane: PaneName }>;
}

/** Dispatches one of them; false where a listener has prevented it. */
export function tell<Name extends keyof TriptychElementEventMap>(
  element: HTMLElement,
  type: Name,
  detail: TriptychElementEventMap[Name]["detail"],
): boolean {
  const cancelable = type === "triptych-start";
  return element.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable }));
}
