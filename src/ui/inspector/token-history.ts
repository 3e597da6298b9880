import type { GenerationEvent, SlotId, SlotState, TokenId } from "../../vocabulary/events.js";
import { type Transition, transitionOf } from "../transition.js";

/** A token as a place held it. */
export interface HeldToken {
  token: TokenId;
  /** Empty where another token's piece has its character. */
  text: string;
}

/** What one step did to a place. */
export interface PlaceChange {
  /** The run's first step is 1; 0 is what it began with. */
  step: number;
  /** Main-model forwards up to this step, its own included. */
  forwards: number;
  move: Transition;
  /** What the place held behind it; null for a mask, and for what was taken away. */
  after: HeldToken | null;
  /** What it held before; null for a mask, and for what wasn't there. */
  before: HeldToken | null;
}

/** A place of a text, from when it was opened to a step. */
export interface TokenHistory {
  /** What happened there, without what changes nothing that is seen. */
  changes: readonly PlaceChange[];
  /** Null once it is taken away. */
  state: SlotState | null;
  /** What it holds, or held last. */
  held: HeldToken | null;
  /** Of that token; null where no event says it. */
  logprob: number | null;
  /** The change that wrote that token; null for a mask, and for the prompt's own. */
  written: PlaceChange | null;
  /** Drafts of that step that stood where it stands, and were rejected. */
  rejected: readonly HeldToken[];
  /** What the run drafts by, as its option says; null where it has none. */
  drafter: string | null;
}

/** The history of a place as its run stood after `step` steps, from the run's events alone; null where it wasn't there yet. */
export function historyOf(events: readonly GenerationEvent[], slot: SlotId, step: number): TokenHistory | null {
  const changes: PlaceChange[] = [];
  let numSteps = 0;
  let forwards = 0;
  let state: SlotState | null = null;
  let held = null as HeldToken | null;
  let logprob: number | null = null;
  let written = null as PlaceChange | null;
  let drafter: string | null = null;
  let isKnown = false;
  for (const event of events) {
    if (event.type === "start") drafter = typeof event.options.drafter === "string" ? event.options.drafter : null;
    if (event.type === "step") {
      if (numSteps === step) break;
      numSteps++;
      forwards += event.forwards;
    }
    if (!("edits" in event)) continue;
    const text = event.pieces.find((piece) => piece.slot === slot)?.text;
    const numChanges = changes.length;
    for (const edit of event.edits) {
      if (edit.slot !== slot) continue;
      isKnown = true;
      const move = transitionOf(state, edit);
      const before: HeldToken | null = state === "mask" || state === null ? null : held;
      const token = edit.op === "delete" ? null : edit.token;
      const after: HeldToken | null =
        token === null ? null : { token, text: text ?? (before?.token === token ? before.text : "") };
      const change: PlaceChange = { step: numSteps, forwards, move, after, before };
      if (move !== "none") changes.push(change);
      state = edit.op === "delete" ? null : edit.state;
      if (after) {
        const isSame = before?.token === token;
        if (!isSame || !written) written = edit.op !== "delete" && edit.state === "prompt" ? null : change;
        if (!isSame) logprob = null;
        held = after;
      } else if (edit.op !== "delete") {
        held = null;
        written = null;
        logprob = null;
      }
      if (edit.op !== "delete" && edit.logprob !== undefined) logprob = edit.logprob;
    }
    // The text of one that stays may change with its neighbours'.
    if (held && text !== undefined && changes.length === numChanges) held = { ...held, text };
  }
  if (!isKnown) return null;
  const rejected = written ? rejectedBeside(events, slot, written.step) : [];
  return { changes, state, held, logprob, written, rejected, drafter };
}

/** Drafts that a step made in a place's stead and took back. */
function rejectedBeside(events: readonly GenerationEvent[], slot: SlotId, step: number): HeldToken[] {
  const event = events.filter((one) => one.type === "step")[step - 1];
  if (!event) return [];
  const own = event.edits.find((edit) => edit.op === "insert" && edit.slot === slot);
  if (own?.op !== "insert") return [];
  const anchor = own.parent ?? own.after;
  const texts = new Map(event.pieces.map(({ slot: one, text }) => [one, text]));
  const gone = new Set(event.edits.flatMap((edit) => (edit.op === "delete" ? [edit.slot] : [])));
  return event.edits.flatMap((edit) => {
    if (edit.op !== "insert" || edit.slot === slot || edit.token === null || !gone.has(edit.slot)) return [];
    return (edit.parent ?? edit.after) === anchor ? [{ token: edit.token, text: texts.get(edit.slot) ?? "" }] : [];
  });
}
