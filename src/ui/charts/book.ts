import { Canvas } from "../../vocabulary/canvas.js";
import type { GenerationEvent } from "../../vocabulary/events.js";
import type { Pane } from "../pane.js";
import { Replay } from "../replay.js";
import { Rounds } from "../rounds.js";
import { RunView } from "../run-view.js";
import { Tally } from "../tally.js";

/** How much there was after a step, or at the end. */
export interface Moment {
  ownMs: number;
  forwards: number;
  tokens: number;
}

/** What charts read of a pane. */
export type Charted = Pick<Pane, "name" | "label" | "events">;

/** The counts of one run, kept while it goes on. */
export class Book {
  readonly tally = new Tally();
  readonly replay = new Replay();
  readonly rounds = new Rounds();
  readonly canvas = new Canvas();
  /** After each step that had forwards or wrote, and at the end where that has other counts. */
  readonly moments: Moment[] = [];
  /** Tokens that the main model computed. */
  rows = 0;
  private readonly view = new RunView();
  private numSeen = 0;

  constructor() {
    for (const counter of [this.tally, this.replay, this.rounds]) this.view.subscribe((seen) => counter.add(seen));
  }

  /** Counts the events that are new. */
  follow(events: readonly GenerationEvent[]): void {
    for (; this.numSeen < events.length; this.numSeen++) this.add(events[this.numSeen]);
  }

  private add(event: GenerationEvent): void {
    this.view.add(event);
    if ("edits" in event) for (const edit of event.edits) this.canvas.apply(edit);
    if (event.type === "step") this.rows += event.rows;
    if (event.type === "done") this.rows = event.metrics.rows;
    if (event.type !== "step" && event.type !== "done") return;
    const { ownMs, forwards, tokens } = this.tally;
    const last = this.moments.at(-1);
    if (last?.forwards === forwards && last.tokens === tokens) return;
    this.moments.push({ ownMs, forwards, tokens });
  }
}

const books = new WeakMap<readonly GenerationEvent[], Book>();

/** The counts of a run, from its events alone. The list may have grown since the last call. */
export function bookOf(events: readonly GenerationEvent[]): Book {
  const book = books.get(events) ?? new Book();
  books.set(events, book);
  book.follow(events);
  return book;
}
