import type { Edit, GenerationEvent, SlotId, SlotState } from "../vocabulary/events.js";
import { type Round, roundOf } from "./round.js";
import { type Transition, transitionOf } from "./transition.js";

/** One edit, and what it did to its slot. */
export interface Change {
  edit: Edit;
  move: Transition;
}

/** One event of a run with what it changed, and what its drafts came to, if there were any. */
export interface Seen {
  event: GenerationEvent;
  changes: readonly Change[];
  round: Round | null;
}

/** One run as a page sees it: it knows the canvas's slots, and tells all who listen what each event did to them. */
export class RunView {
  private readonly states = new Map<SlotId, SlotState>();
  private readonly listeners = new Set<(seen: Seen) => void>();

  /** Takes the next event in, and tells of it; what it changed, in order. */
  add(event: GenerationEvent): readonly Change[] {
    const edits = "edits" in event ? event.edits : [];
    const changes = edits.map((edit) => this.change(edit));
    const seen = { event, changes, round: roundOf(edits) };
    for (const listener of this.listeners) listener(seen);
    return changes;
  }

  /** Has every later event told to `listener`, until the function that it returns is called. */
  subscribe(listener: (seen: Seen) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private change(edit: Edit): Change {
    const move = transitionOf(this.states.get(edit.slot) ?? null, edit);
    if (edit.op === "delete") this.states.delete(edit.slot);
    else this.states.set(edit.slot, edit.state);
    return { edit, move };
  }
}
