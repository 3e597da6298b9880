import { Canvas } from "../canvas.js";
import type { DoneEvent, SlotId, StartEvent, StepEvent } from "../events.js";

/**
 * Turns a run's events into text for a terminal, which can't be taken back: each call returns what has become certain,
 * that is committed with nothing open before it. All calls' texts together are `done.text`.
 */
export class TextStream {
  private readonly canvas = new Canvas();
  private readonly pieces = new Map<SlotId, string>();
  private printed = "";

  /** Text that this event made certain. */
  push(event: StartEvent | StepEvent | DoneEvent): string {
    if (event.type === "done") return event.text.slice(this.printed.length);
    for (const edit of event.edits) this.canvas.apply(edit);
    for (const { slot, text } of event.pieces) this.pieces.set(slot, text);
    const { promptLength } = this.canvas;
    const certain = this.canvas
      .slots()
      .slice(promptLength, this.canvas.committedEnd())
      .map(({ id }) => this.pieces.get(id) ?? "")
      .join("");
    const fresh = certain.slice(this.printed.length);
    this.printed += fresh;
    return fresh;
  }
}
