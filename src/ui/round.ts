import type { Edit, SlotId } from "../vocabulary/events.js";

/** A draft of a round; `parent` is the index of the draft before it, -1 for the last token that was known. */
export interface RoundDraft {
  slot: SlotId;
  parent: number;
  /** 1 for what follows the last known token. */
  depth: number;
  isAccepted: boolean;
}

/**
 * What one verification did. The model's own token behind the accepted drafts is `recovered` where it takes the place of
 * rejected ones, and a `bonus` where no draft was left to reject.
 */
export interface Round {
  drafts: RoundDraft[];
  numAccepted: number;
  own: { slot: SlotId; kind: "recovered" | "bonus" } | null;
}

/** The round that a step's edits tell of, whose drafts come and are judged within the step; `null` if nothing was drafted. */
export function roundOf(edits: readonly Edit[]): Round | null {
  const drafts: RoundDraft[] = [];
  const indices = new Map<SlotId, number>();
  let numAccepted = 0;
  let own: SlotId | null = null;
  for (const edit of edits) {
    if (edit.op === "insert" && edit.state === "draft") {
      const before = edit.parent ?? edit.after;
      const parent = (before === null ? undefined : indices.get(before)) ?? -1;
      const depth = parent < 0 ? 1 : drafts[parent].depth + 1;
      indices.set(edit.slot, drafts.push({ slot: edit.slot, parent, depth, isAccepted: false }) - 1);
    } else if (edit.op === "insert" && edit.state === "committed") {
      own = edit.slot;
    } else if (edit.op === "write" && edit.state === "committed" && indices.has(edit.slot)) {
      drafts[indices.get(edit.slot) as number].isAccepted = true;
      numAccepted++;
    }
  }
  if (drafts.length === 0) return null;
  const last = drafts.findLastIndex(({ isAccepted }) => isAccepted);
  const hadMore = drafts.some(({ parent }) => parent === last);
  return { drafts, numAccepted, own: own === null ? null : { slot: own, kind: hadMore ? "recovered" : "bonus" } };
}
