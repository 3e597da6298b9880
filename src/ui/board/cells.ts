import type { GenerationEvent, SlotId } from "../../vocabulary/events.js";

/** What a run wrote in a cell, and by which of its steps. */
export interface Filled {
  digit: string;
  step: number;
}

/** The cells of a board after so many steps of the run that fills it: by cell what it wrote, null while open and where a clue stands, and the slot that has it. */
export function cellsAfter(
  events: readonly GenerationEvent[],
  steps: number,
  numCells: number,
): { filled: (Filled | null)[]; slots: readonly SlotId[] } {
  const slots: SlotId[] = [];
  const bySlot = new Map<SlotId, Filled | null>();
  const texts = new Map<SlotId, string>();
  let step = 0;
  for (const event of events) {
    if (event.type === "step" && ++step > steps) break;
    if (!("edits" in event)) continue;
    for (const { slot, text } of event.pieces) texts.set(slot, text);
    for (const edit of event.edits) {
      if (edit.op === "insert") slots.push(edit.slot);
      if (edit.op === "delete" || edit.state === "prompt") continue;
      bySlot.set(edit.slot, edit.state === "committed" ? { digit: texts.get(edit.slot) ?? "", step } : null);
    }
  }
  // The autoregressive prompt is the whole board and `=`, behind the text's beginning: its cells come behind that.
  const own = slots.length > numCells ? slots.slice(numCells + 2) : slots;
  return { filled: Array.from({ length: numCells }, (_, cell) => bySlot.get(own[cell]) ?? null), slots: own };
}
