import type { DoneEvent, LiveEvent } from "../vocabulary/events.js";
import { TextSoFar } from "../vocabulary/text-so-far.js";

/** Turns a run's events into text for a terminal, which can't be taken back. All calls' texts together are `done.text`. */
export class TextStream {
  private readonly soFar = new TextSoFar();
  private numPrinted = 0;

  /** Text that this event made certain. */
  push(event: LiveEvent | DoneEvent): string {
    const fresh = this.soFar.after(event).slice(this.numPrinted);
    this.numPrinted += fresh.length;
    return fresh;
  }
}
