import type { Edit, SlotState } from "../events.js";

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
    return before === "committed" ? "backspace" : "none";
  }
  switch (edit.state) {
    case "mask":
      if (before === null) return "open";
      if (before === "draft") return "reject";
      return before === "committed" ? "remask" : "none";
    case "draft":
      return "draft";
    case "committed":
      if (before === null) return "append";
      if (before === "mask") return "unmask";
      return before === "draft" ? "accept" : "revise";
    case "prompt":
      return "none";
  }
}
