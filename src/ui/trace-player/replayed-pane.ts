import type { ErrorEvent, GenerationEvent, StartEvent } from "../../vocabulary/events.js";
import { splitHoles } from "../../vocabulary/holes.js";
import { CanvasView } from "../canvas-view.js";
import { outcomeWords } from "../pane-outcome.js";
import { RunView } from "../run-view.js";
import { Tally } from "../tally.js";
import type { TracePane } from "../trace/trace.js";
import { REPLAY } from "../words.js";

/** One pane of a trace, shown as it was after some of its events: text and figures are drawn and counted as in a live run. */
export class ReplayedPane {
  readonly view = new CanvasView();
  tally = new Tally();
  /** How many events are shown. */
  private count = 0;
  private run = new RunView();
  /** The prompt as far as no hole begins. */
  readonly prompt: string;

  constructor(
    readonly pane: TracePane,
    prompt: string,
  ) {
    this.prompt = splitHoles(prompt).before;
    this.begin();
  }

  /** What the run started with; undefined where it failed before. */
  get start(): StartEvent | undefined {
    const [first] = this.pane.events;
    return first.type === "start" ? first : undefined;
  }

  /** How it writes, by the options that its decoder has; null where that isn't known. */
  get kind(): string | null {
    const { start } = this;
    if (!start) return null;
    if ("infill" in start.options) return "diffusion";
    return "drafter" in start.options ? "speculative" : "autoregressive";
  }

  /** How the run failed, if it did and that is shown. */
  get error(): ErrorEvent | undefined {
    const { last } = this;
    return last?.type === "error" ? last : undefined;
  }

  /** What it was doing then, in words. */
  get status(): string {
    const { last } = this;
    if (last?.type === "done") return outcomeWords(last);
    if (last?.type === "error") return REPLAY.failed;
    return this.count === this.pane.events.length ? REPLAY.cut : REPLAY.writing;
  }

  /** Shows the run as it was after so many of its events. */
  show(count: number): void {
    if (count < this.count) this.begin();
    // One event on is drawn as it was: what moves can be seen.
    const isNext = count === this.count + 1;
    for (; this.count < count; this.count++) this.run.add(this.pane.events[this.count]);
    if (!isNext) this.view.settle();
  }

  private get last(): GenerationEvent | undefined {
    return this.pane.events[this.count - 1];
  }

  private begin(): void {
    this.view.clear();
    this.tally = new Tally();
    this.run = new RunView();
    this.count = 0;
    const { tally, view } = this;
    this.run.subscribe((seen) => tally.add(seen));
    this.run.subscribe((seen) => view.apply(seen));
  }
}
