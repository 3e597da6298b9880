import { type Canvas, isWritten, type Slot } from "../../vocabulary/canvas.js";
import type { Edit, SlotId, SlotState, TokenId } from "../../vocabulary/events.js";
import type { Editor } from "../decoder.js";

/** The editor of one step: applies edits to the canvas at once and keeps them for the event. */
export class StepEditor implements Editor {
  readonly edits: Edit[] = [];
  /** Slots that came and went within the step, as they last were. */
  readonly passing: Slot[] = [];
  /** No slot before this index changed. */
  changedFrom = Number.POSITIVE_INFINITY;
  /** Something was committed, or written tentatively. */
  hasWritten = false;
  /** Something isn't as it was. */
  hasChanged = false;
  private readonly opened = new Set<SlotId>();

  constructor(private readonly canvas: Canvas) {}

  append(token: TokenId | null, state: SlotState, logprob?: number): SlotId {
    return this.insert(this.canvas.slots().at(-1)?.id ?? null, token, state, logprob);
  }

  insert(after: SlotId | null, token: TokenId | null, state: SlotState, logprob?: number, parent?: SlotId): SlotId {
    const slot = this.canvas.newSlot();
    const edit: Edit = { op: "insert", slot, after, token, state };
    if (logprob !== undefined) edit.logprob = logprob;
    if (parent !== undefined) edit.parent = parent;
    this.canvas.apply(edit);
    this.opened.add(slot);
    this.record(edit, this.canvas.position(slot));
    return slot;
  }

  write(slot: SlotId, token: TokenId | null, state: SlotState, logprob?: number): void {
    const edit: Edit = { op: "write", slot, token, state };
    if (logprob !== undefined) edit.logprob = logprob;
    const before = this.canvas.apply(edit);
    this.hasChanged ||= before.op !== "write" || before.token !== token || before.state !== state;
    this.record(edit, this.canvas.position(slot));
  }

  delete(slot: SlotId): void {
    const last = this.canvas.slot(slot);
    if (last && this.opened.has(slot)) this.passing.push({ ...last });
    const index = last ? this.canvas.position(slot) : 0;
    const edit: Edit = { op: "delete", slot };
    this.canvas.apply(edit);
    this.record(edit, index);
  }

  /** Deletes everything from index `length` on. */
  trim(length: number): void {
    for (let index = this.canvas.length - 1; index >= length; index--) this.delete(this.canvas.slots()[index].id);
  }

  private record(edit: Edit, index: number): void {
    this.edits.push(edit);
    this.changedFrom = Math.min(this.changedFrom, index);
    if (edit.op !== "delete" && isWritten(edit)) this.hasWritten = true;
    if (edit.op !== "write") this.hasChanged = true;
  }
}
