import type { PaneOutcome } from "./pane-outcome.js";
import { counted } from "../vocabulary/counted.js";

/** What a comparison of two panes' ids says; `null` while there is nothing to compare. */
export function compareIds(
  reference: PaneOutcome | null,
  other: PaneOutcome | null,
): { text: string; isGood: boolean } | null {
  if (!reference || !other || "error" in reference || "error" in other) return null;
  const shared = Math.min(reference.ids.length, other.ids.length);
  if (shared === 0) return null;
  for (let index = 0; index < shared; index++) {
    if (reference.ids[index] !== other.ids[index]) {
      return { text: `differs from AR at token ${index + 1}`, isGood: false };
    }
  }
  if (reference.ids.length === other.ids.length) return { text: "same text as AR", isGood: true };
  const isCut = reference.reason === "cancelled" || other.reason === "cancelled";
  return isCut
    ? { text: `same as AR for ${counted(shared, "token")}`, isGood: true }
    : { text: `differs from AR at token ${shared + 1}`, isGood: false };
}
