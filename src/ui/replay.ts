import type { DoneEvent, GenerationEvent, SlotId, SlotState, StartEvent, StepEvent } from "../vocabulary/events.js";
import type { CanvasView } from "./canvas-view.js";
import { roundOf } from "./rounds.js";
import { transitionOf } from "./transition.js";

/** What a replay draws on. */
type Picture = Pick<CanvasView, "clear" | "apply" | "mark" | "finish" | "settle">;

/** The steps of a run that has ended, to look at again, forwards and backwards. */
export class Replay {
  /** Tokens that each step committed, those that it changed included. */
  readonly commits: number[] = [];
  /** Steps that are shown. */
  position = 0;
  private readonly events: (StartEvent | StepEvent)[] = [];
  private readonly states = new Map<SlotId, SlotState>();
  private done: DoneEvent | null = null;

  /** Steps that it has. */
  get numSteps(): number {
    return this.commits.length;
  }

  /** Keeps one event; what is drawn now is its result. */
  add(event: GenerationEvent): void {
    if (event.type === "done") this.done = event;
    if (event.type !== "start" && event.type !== "step") return;
    this.events.push(event);
    const commits = this.count(event);
    if (event.type === "start") return;
    this.commits.push(commits);
    this.position = this.numSteps;
  }

  /** Draws the text as it stood after so many steps; after all of them as the run returned it. */
  show(view: Picture, numSteps: number): void {
    const target = Math.max(0, Math.min(numSteps, this.numSteps));
    // One step on is drawn as it was: what moves can be seen.
    const isNext = target === this.position + 1;
    if (!isNext) view.clear();
    for (const event of this.events.slice(isNext ? target : 0, target + 1)) {
      view.apply(event);
      const round = roundOf(event.edits);
      if (round) view.mark(round);
    }
    this.position = target;
    if (this.done && target === this.numSteps) view.finish(this.done);
    if (!isNext) view.settle();
  }

  private count({ edits }: StartEvent | StepEvent): number {
    let commits = 0;
    for (const edit of edits) {
      const move = transitionOf(this.states.get(edit.slot) ?? null, edit);
      if (move === "append" || move === "unmask" || move === "accept" || move === "revise") commits++;
      if (edit.op === "delete") this.states.delete(edit.slot);
      else this.states.set(edit.slot, edit.state);
    }
    return commits;
  }
}
