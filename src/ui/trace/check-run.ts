import type { Edit, GenerationEvent, SlotId, SlotState } from "../../vocabulary/events.js";
import { LIMITS, TraceError } from "./trace.js";

/** Throws `TraceError` unless these events, whose types are right, tell of one run: what shows runs relies on no more than this. `place` is theirs. */
export function checkRun(events: readonly GenerationEvent[], place: string): void {
  const run = new CheckedRun();
  for (const [i, event] of events.entries()) {
    const here = `${place}[${i}]`;
    run.order(event, i === 0, i === events.length - 1, here);
    run.clock(event, here);
    if (!("edits" in event)) continue;
    for (const [j, edit] of event.edits.entries()) run.edit(edit, `${here}.edits[${j}]`);
    for (const [j, { slot }] of event.pieces.entries()) run.piece(slot, `${here}.pieces[${j}]`);
  }
}

/** One run as it is checked: which slots there are, without where they stand. */
class CheckedRun {
  private readonly states = new Map<SlotId, SlotState>();
  private readonly used = new Set<SlotId>();
  private seq = -1;
  private readonly lastMs = { elapsedMs: 0, ownMs: 0 };

  order({ type, seq }: GenerationEvent, isFirst: boolean, isLast: boolean, place: string): void {
    const isEnd = type === "done" || type === "error";
    const isStart = type === "start" || (type === "error" && isLast);
    if (isFirst && !isStart) refuse(place, `begins with ${type}, where a run begins with start`);
    if (!isFirst && type === "start") refuse(place, "starts a second time");
    if (isEnd && !isLast) refuse(place, `is of type ${type}, and others follow it`);
    if (seq <= this.seq) refuse(place, `has seq ${seq} behind ${this.seq}`);
    this.seq = seq;
  }

  clock(event: GenerationEvent, place: string): void {
    if (!("elapsedMs" in event)) return;
    for (const name of ["elapsedMs", "ownMs"] as const) {
      if (event[name] < this.lastMs[name])
        refuse(place, `runs back: ${name} ${event[name]} behind ${this.lastMs[name]}`);
      this.lastMs[name] = event[name];
    }
  }

  edit(edit: Edit, place: string): void {
    const { slot } = edit;
    if (edit.op === "insert") {
      if (this.used.has(slot)) refuse(place, `inserts slot ${slot} a second time`);
      if (edit.after !== null) this.live(edit.after, place);
      if (edit.parent !== undefined) this.live(edit.parent, place);
    } else if (this.live(slot, place) === "prompt") refuse(place, `changes slot ${slot} of the prompt`);
    if (edit.op === "delete") {
      this.states.delete(slot);
      return;
    }
    if (edit.op === "write" && edit.state === "prompt") refuse(place, `makes slot ${slot} part of the prompt`);
    if ((edit.token === null) !== (edit.state === "mask")) {
      refuse(place, `makes slot ${slot} ${edit.state} with token ${edit.token}: masks alone have none`);
    }
    this.used.add(slot);
    this.states.set(slot, edit.state);
    if (this.states.size > LIMITS.slots) {
      throw new TraceError("trace_too_large", `${place} makes more than ${LIMITS.slots} tokens of one text.`);
    }
  }

  piece(slot: SlotId, place: string): void {
    if (!this.used.has(slot)) refuse(place, `is of slot ${slot}, which there never was`);
  }

  /** State of a slot that is on the canvas now. */
  private live(slot: SlotId, place: string): SlotState {
    return this.states.get(slot) ?? refuse(place, `is about slot ${slot}, which isn't there`);
  }
}

function refuse(place: string, what: string): never {
  throw new TraceError("trace_invalid", `${place} ${what}.`);
}
