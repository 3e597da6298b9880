import type { GenerationEvent, StepEvent } from "../vocabulary/events.js";
import type { Pane } from "./pane.js";
import { Moments } from "./playback/moments.js";
import { Playback, type PlayedPane } from "./playback/playback.js";
import { checkHead, parseTrace } from "./trace/head.js";
import { type Trace, TraceError, type TracePane } from "./trace/trace.js";

/** About how long the longest run of a recording is shown, so that the eye can follow it. */
const SHOWN_MS = 10_000;

/**
 * The trace that an address answers with. Throws `TraceError` where there is none. That it is one is checked, and no more: the page that
 * names the address has made the file, and the whole check (`readTrace`) is 4 kB which the page would wait for before its first token.
 */
export async function recordedTrace(address: string, asked: Promise<Response>): Promise<Trace> {
  const answer = await asked.catch(() => null);
  if (!answer?.ok) {
    throw new TraceError(
      "trace_missing",
      `There is no recorded run at ${address} (${answer?.status ?? "unreachable"}).`,
    );
  }
  const value = parseTrace(await answer.text());
  checkHead(value);
  return value as Trace;
}

/** A recorded race that is shown in panes as if it ran: figures, clocks and sentences grow with the texts. */
export class RecordedRace {
  /** Seconds that one second of the recorded runs takes. */
  readonly slowness: number;
  isPlaying = false;
  /** Whether the page has drawn that it is shown. */
  isTold = false;
  private runs: readonly RecordedRun[] = [];
  private readonly playback: Playback;

  constructor(readonly trace: Trace) {
    const longestMs = Math.max(1, ...trace.panes.map(({ events }) => new Moments(events).end("time")));
    this.slowness = Math.max(1, Math.round(SHOWN_MS / longestMs));
    const isShown = () => this.runs.some(({ isOpen }) => isOpen);
    this.playback = new Playback({
      get isConnected() {
        return isShown();
      },
      // Panes say themselves what changes in them.
      requestUpdate() {},
      slide() {},
    });
    this.playback.pace(1 / this.slowness);
  }

  /** Plays it, or shows its end at once with `isStill`; resolves when all panes have ended. A pane that it has no run of is left empty. */
  async play(panes: readonly Pane[], isStill: boolean): Promise<void> {
    const pairs = panes.map((pane) => {
      const recorded = this.trace.panes.find(({ decoder }) => decoder === pane.decoder);
      return { pane, run: recorded && new RecordedRun(recorded) };
    });
    this.runs = pairs.flatMap(({ run }) => run ?? []);
    this.isPlaying = true;
    const ended = pairs.map(({ pane, run }) => {
      return run ? pane.playBack((tell, signal) => run.begin(tell, signal), this.trace.prompt) : pane.clear();
    });
    this.playback.take(this.runs);
    if (isStill) this.hurry();
    else {
      this.playback.seek(this.firstTokenMs);
      this.playback.play();
    }
    await Promise.all(ended);
    this.isPlaying = false;
  }

  /** When the first token of all runs was written: what comes before shows nothing that is worth waiting for. */
  private get firstTokenMs(): number {
    const firsts = this.trace.panes.flatMap(({ events }) => events.find(isWritten) ?? []);
    return firsts.length > 0 ? Math.min(...firsts.map(({ ownMs }) => ownMs)) : 0;
  }

  /** Shows at once what is still to come. */
  hurry(): void {
    this.playback.seek(this.playback.length);
  }
}

function isWritten(event: GenerationEvent): event is StepEvent {
  return event.type === "step" && event.edits.some((edit) => edit.op !== "delete" && edit.state === "committed");
}

/** One run of it: tells its events to a pane, onwards only. */
class RecordedRun implements PlayedPane {
  readonly events: readonly GenerationEvent[];
  readonly label: string;
  readonly name: string;
  readonly replay = { position: -1 };
  private readonly moments: Moments;
  private numTold = 0;
  private tell: (event: GenerationEvent) => void = () => {};
  private end: () => void = () => {};
  /** Whether there is more to tell, and someone to tell it to. */
  isOpen = true;

  constructor({ events, label, name }: TracePane) {
    this.events = events;
    this.label = label;
    this.name = name;
    this.moments = new Moments(events);
  }

  /** Tells `tell` what is shown from now on; resolves when all of it is, or when `signal` aborts. */
  begin(tell: (event: GenerationEvent) => void, signal: AbortSignal): Promise<void> {
    this.tell = tell;
    return new Promise((resolve) => {
      this.end = () => {
        this.isOpen = false;
        resolve();
      };
      if (signal.aborted) this.end();
      else signal.addEventListener("abort", this.end, { once: true });
    });
  }

  showStep(step: number): void {
    this.replay.position = step;
    const until = this.moments.eventsAt(step);
    while (this.isOpen && this.numTold < until) this.tell(this.events[this.numTold++]);
    if (this.numTold === this.events.length) this.end();
  }
}
