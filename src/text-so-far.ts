import { Canvas } from "./canvas.js";
import type { DoneEvent, SlotId, StartEvent, StepEvent } from "./events.js";

/**
 * The completion as far as it is certain: committed, with nothing open before it, and no beginning of a stop text at its end.
 * It only ever grows, whatever order a decoder writes in. An event costs what it changes, not the text's length.
 */
export class TextSoFar {
  private readonly canvas = new Canvas();
  private readonly pieces = new Map<SlotId, string>();
  /** By slot of the certain run: where its text begins. */
  private readonly starts: number[] = [];
  private text = "";

  /** The text after this event, given all those before it; after the last one it is `done.text`. */
  after(event: StartEvent | StepEvent | DoneEvent): string {
    if (event.type === "done") return event.text;
    const { canvas, pieces, starts } = this;
    let from = starts.length;
    const touch = (slot: SlotId) => {
      if (canvas.slot(slot)) from = Math.min(from, canvas.position(slot));
    };
    for (const edit of event.edits) {
      if (edit.op === "delete") touch(edit.slot);
      canvas.apply(edit);
      if (edit.op === "delete") pieces.delete(edit.slot);
      else touch(edit.slot);
    }
    for (const { slot, text } of event.pieces) {
      // A slot that came and went within the step has a piece, and no place.
      if (!canvas.slot(slot)) continue;
      pieces.set(slot, text);
      touch(slot);
    }
    this.readFrom(from);
    return this.text;
  }

  private readFrom(from: number): void {
    const { canvas, starts } = this;
    if (from < starts.length) this.text = this.text.slice(0, starts[from]);
    starts.length = from;
    const slots = canvas.slots();
    for (let index = from; index < slots.length; index++) {
      const { id, state } = slots[index];
      if (state !== "prompt" && state !== "committed") return;
      starts.push(this.text.length);
      if (index >= canvas.promptLength) this.text += this.pieces.get(id) ?? "";
    }
  }
}
