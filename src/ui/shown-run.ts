import type { ModelDevice } from "../vocabulary/device.js";
import type { Fidelity, GenerationEvent, Law } from "../vocabulary/events.js";
import { splitHoles } from "../vocabulary/holes.js";
import { CanvasView } from "./canvas-view.js";
import { Replay } from "./replay.js";
import { Rounds } from "./rounds.js";
import { RunView } from "./run-view.js";
import { Tally } from "./tally.js";

/** What a pane shows of one run: its events, and all that is read from them. Knows nothing of how a run comes to be. */
export class ShownRun {
  fidelity: Fidelity | null = null;
  /** Whose law the text has, in words for people. */
  law: Law | null = null;
  /** Where it is written; null before that is told. */
  device: ModelDevice | null = null;
  /** Most nats that a step loses, where that is known. */
  boundNats: number | null = null;
  /** Every option of what it shows, as the run has told; null before it began. */
  written: Readonly<Record<string, unknown>> | null = null;
  tally = new Tally();
  rounds = new Rounds();
  replay = new Replay();
  /** Comparison with another pane's ids, shown when set. */
  badge: { text: string; isGood: boolean } | null = null;
  readonly view = new CanvasView();
  /** The prompt as far as no hole begins. */
  prompt = "";
  /** The prompt, holes and all. */
  asked = "";
  /** Its device was lost, and another is asked for. */
  protected isRecovering = false;
  /** What it shows, and those that listen to it. */
  private seen = new RunView();
  private told: GenerationEvent[] = [];

  /** All events of the run so far, in order, `start` first; another list for each run. */
  get events(): readonly GenerationEvent[] {
    return this.told;
  }

  /** Empties it for a new run that goes on from `prompt`. */
  protected reset(prompt: string): void {
    this.view.clear();
    this.tally = new Tally();
    this.rounds = new Rounds();
    this.replay = new Replay();
    this.seen = new RunView();
    this.told = [];
    for (const viewer of [this.tally, this.replay, this.rounds]) this.seen.subscribe((seen) => viewer.add(seen));
    this.seen.subscribe((seen) => this.view.apply(seen));
    this.badge = null;
    this.fidelity = null;
    this.law = null;
    this.device = null;
    this.boundNats = null;
    this.written = null;
    this.prompt = splitHoles(prompt).before;
    this.asked = prompt;
    this.isRecovering = false;
  }

  /** Takes the run's next event in, and draws it. */
  protected add(event: GenerationEvent): void {
    this.told.push(event);
    this.seen.add(event);
    if (event.type === "start") {
      this.fidelity = event.fidelity;
      this.law = event.law;
      this.device = event.device ?? null;
      this.boundNats = event.boundNats ?? null;
      this.written = event.options;
    }
    this.isRecovering = event.type === "recovering";
  }
}
