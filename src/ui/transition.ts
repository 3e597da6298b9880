import type { Edit, SlotState } from "../vocabulary/events.js";

/** The name of what an edit does to a slot, as drawn and counted; `none` for changes that have no look of their own. */
export type Transition =
  | "append"
  | "open"
  | "close"
  | "unmask"
  | "remask"
  | "draft"
  | "accept"
  | "reject"
  | "revise"
  | "backspace"
  | "none";

/** Names an edit by the slot's state before it (`null`: no such slot yet). Pure: nothing else is needed to draw a decoder. */
export function transitionOf(before: SlotState | null, edit: Edit): Transition {
  if (edit.op === "delete") {
    if (before === "draft") return "reject";
    if (before === "mask") return "close";
    return before === "committed" || before === "tentative" ? "backspace" : "none";
  }
  switch (edit.state) {
    case "mask":
      if (before === null) return "open";
      if (before === "draft") return "reject";
      return before === "committed" || before === "tentative" ? "remask" : "none";
    case "draft":
      return "draft";
    case "tentative":
    case "committed":
      if (before === null) return "append";
      if (before === "mask") return "unmask";
      if (before === "draft") return "accept";
      // What was tentative becomes committed as it is.
      return before === "tentative" && edit.state === "committed" ? "none" : "revise";
    case "prompt":
      return "none";
  }
}
