import type { DoneEvent } from "../vocabulary/events.js";
import type { CanvasView } from "./canvas-view.js";
import type { Seen } from "./run-view.js";
import type { Transition } from "./transition.js";

/** What writes a token, or another one in its place. */
const COMMITS: ReadonlySet<Transition> = new Set(["append", "unmask", "accept", "revise"]);

/** What a replay draws on. */
type Picture = Pick<CanvasView, "clear" | "apply" | "finish" | "settle">;

/** The steps of a run that has ended, to look at again, forwards and backwards. */
export class Replay {
  /** Tokens that each step committed, those that it changed included. */
  readonly commits: number[] = [];
  /** Steps that are shown. */
  position = 0;
  private readonly shown: Seen[] = [];
  private done: DoneEvent | null = null;

  /** Steps that it has. */
  get numSteps(): number {
    return this.commits.length;
  }

  /** The event whose result is shown; null before a run has begun. */
  get latest(): Seen | null {
    return this.shown[this.position] ?? null;
  }

  /** Whether all of a run that has ended is shown. */
  get isAtEnd(): boolean {
    return this.done !== null && this.position === this.numSteps;
  }

  /** Keeps one event; what is drawn now is its result. */
  add(seen: Seen): void {
    const { event, changes } = seen;
    if (event.type === "done") this.done = event;
    if (event.type !== "start" && event.type !== "step") return;
    this.shown.push(seen);
    if (event.type === "start") return;
    this.commits.push(changes.filter(({ move }) => COMMITS.has(move)).length);
    this.position = this.numSteps;
  }

  /** Draws the text as it stood after so many steps; after all of them as the run returned it. */
  show(view: Picture, numSteps: number): void {
    const target = Math.max(0, Math.min(numSteps, this.numSteps));
    // Onwards only what is new is drawn; one step as it was: what moves can be seen.
    const isNext = target === this.position + 1;
    const isOn = target > this.position;
    if (!isOn) view.clear();
    for (const seen of this.shown.slice(isOn ? this.position + 1 : 0, target + 1)) view.apply(seen);
    this.position = target;
    if (this.done && target === this.numSteps) view.finish(this.done);
    if (!isNext) view.settle();
  }
}
