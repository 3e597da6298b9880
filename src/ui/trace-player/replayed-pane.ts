import type { ErrorEvent, GenerationEvent, StartEvent } from "../../vocabulary/events.js";
import { splitHoles } from "../../vocabulary/holes.js";
import { countWrong } from "../board/board-view.js";
import { cellsAfter, type Filled } from "../board/cells.js";
import { CanvasView } from "../canvas-view.js";
import { outcomeWords } from "../pane-outcome.js";
import { RunView } from "../run-view.js";
import { Moments } from "../playback/moments.js";
import type { PlayedPane } from "../playback/playback.js";
import { Tally } from "../tally.js";
import type { TraceBoard, TracePane } from "../trace/trace.js";
import { boardWords } from "../words/board.js";
import { REPLAY } from "../words/first.js";

/** One pane of a trace, shown as it was after some of its steps: text and figures are drawn and counted as in a live run. */
export class ReplayedPane implements PlayedPane {
  readonly view = new CanvasView();
  tally = new Tally();
  readonly events: readonly GenerationEvent[];
  readonly label: string;
  readonly name: string;
  readonly replay = { position: -1 };
  private readonly moments: Moments;
  /** How many events are shown. */
  private count = 0;
  private run = new RunView();
  /** The prompt as far as no hole begins. */
  readonly prompt: string;

  /** `board`: what it fills, which is shown in place of a text. */
  constructor(
    { events, label, name }: TracePane,
    prompt: string,
    readonly board?: TraceBoard,
  ) {
    this.events = events;
    this.label = label;
    this.name = name;
    this.moments = new Moments(events);
    this.prompt = splitHoles(prompt).before;
    this.begin();
  }

  /** What the run started with; undefined where it failed before. */
  get start(): StartEvent | undefined {
    const [first] = this.events;
    return first.type === "start" ? first : undefined;
  }

  /** How it writes, by the options that its decoder has; null where that isn't known. */
  get kind(): string | null {
    const { start } = this;
    if (!start) return null;
    if ("infill" in start.options) return "diffusion";
    return "drafter" in start.options ? "speculative" : "autoregressive";
  }

  /** The board's cells as they are shown; none without a board. */
  get filled(): readonly (Filled | null)[] {
    const { board, events, replay } = this;
    return board ? cellsAfter(events, replay.position, board.clues.length).filled : [];
  }

  /** How the run failed, if it did and that is shown. */
  get error(): ErrorEvent | undefined {
    const { last } = this;
    return last?.type === "error" ? last : undefined;
  }

  /** What it was doing then, in words. */
  get status(): string {
    const { last } = this;
    if (last?.type === "done") {
      const wrong = this.board ? countWrong(this.board, this.filled) : null;
      return wrong === null ? outcomeWords(last) : boardWords.outcome(wrong);
    }
    if (last?.type === "error") return REPLAY.failed;
    return this.count === this.events.length ? REPLAY.cut : REPLAY.writing;
  }

  showStep(step: number): void {
    const count = this.moments.eventsAt(step);
    if (count < this.count) this.begin();
    // One step on is drawn as it was: what moves can be seen.
    const isNext = step === this.replay.position + 1;
    this.replay.position = step;
    for (; this.count < count; this.count++) this.run.add(this.events[this.count]);
    if (!isNext) this.view.settle();
  }

  private get last(): GenerationEvent | undefined {
    return this.events[this.count - 1];
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
