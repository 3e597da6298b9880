import type { Chosen } from "../vocabulary/chosen.js";
import { toWire, type WireError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import type { Prompt } from "../vocabulary/prompt.js";
import { type ModelInfo, type ModelRef, type RunHandle, startRun } from "../worker/client.js";
import type { Fold } from "./controls.js";
import type { PaneKind } from "./default-panes.js";
import { beginAnew, followEnd } from "./follow-end.js";
import { HeldModels } from "./held-models.js";
import { CANCELLED, isUnable, outcomeWords, type PaneName, type PaneOutcome, type PaneState } from "./pane-outcome.js";
import { ShownRun } from "./shown-run.js";

/** Detail of `triptych-event`. */
export interface PaneEventDetail {
  pane: PaneName;
  event: GenerationEvent;
}

/** What a pane writes with. */
export interface Casting {
  /** Its models, the main one first. */
  refs: readonly ModelRef[];
  options: Record<string, unknown>;
  /** Options of the page that it does without, with the reason. */
  leftOut: Readonly<Record<string, string>>;
}

/** The element around a pane. */
export interface PaneHost {
  requestUpdate(): void;
  onPaneEvent(pane: Pane, event: GenerationEvent): void;
  onPaneError(pane: Pane, error: WireError): void;
}

/** Writes with another runtime: tells every event, the last one `done` unless `signal` ended it before. */
export type Writer = (tell: (event: GenerationEvent) => void, signal: AbortSignal) => Promise<void>;

const NONE: Chosen = {};

/** One decoder at work: its models, and the run that it shows. Not an element, so that its region lives in the host's shadow root. */
export class Pane extends ShownRun {
  state: PaneState = "idle";
  outcome: PaneOutcome | null = null;
  isCopied = false;
  /** How its decoder writes, which colours it; null: in no such way. */
  kind: PaneKind | null = null;
  readonly models: HeldModels;
  casting: Casting = { refs: [], options: {}, leftOut: {} };
  /** What a person has set for this pane alone: by decoder what only that one takes, and by `SHARED` what it has in place of the page's. */
  private readonly chosen = new Map<string, Chosen>();
  /** Whether the controls of this pane alone are unfolded. */
  readonly fold: Fold = {
    isOpen: false,
    onToggle: (isOpen) => {
      this.fold.isOpen = isOpen;
      this.host.requestUpdate();
    },
  };
  private loads: AbortController | null = null;
  private run: RunHandle | null = null;
  /** What it shows was written elsewhere. */
  isRecorded = false;
  /** What is done before it writes, once its models are there. */
  waitsFor: string | null = null;
  /** Which model here wrote what it shows, and from what; null where none did. */
  origin: { ref: ModelRef; prompt: Prompt } | null = null;

  constructor(
    public name: PaneName,
    public label: string,
    /** Which one writes next. */
    public decoder: string,
    private readonly host: PaneHost,
  ) {
    super();
    this.models = new HeldModels(() => host.requestUpdate());
  }

  /** The models it has loaded, the main one first. */
  get modelInfos(): ModelInfo[] {
    return this.models.infosOf(this.casting.refs);
  }

  /** Why its last run failed; null where it didn't. */
  get failure(): WireError | null {
    return this.outcome && "error" in this.outcome ? this.outcome.error : null;
  }

  /** Options that are set for this pane alone, of a group. */
  chosenOf(group: string): Chosen {
    return this.chosen.get(group) ?? NONE;
  }

  /** Sets them, whole. */
  choose(group: string, chosen: Chosen): void {
    this.chosen.set(group, chosen);
    this.host.requestUpdate();
  }

  /** Writes with some of the models that it has loaded. */
  recast(casting: Casting): void {
    this.casting = casting;
  }

  /** Says what is done before it writes. */
  waitFor(work: string): void {
    this.waitsFor = work;
    this.host.requestUpdate();
  }

  /** Whether a load or a run is on its way. */
  get isBusy(): boolean {
    return !this.isRecorded && (this.state === "loading" || this.state === "running");
  }

  /** Whether it shows steps of a run that has ended. */
  get isOver(): boolean {
    return this.state === "done" && this.replay.numSteps > 0;
  }

  /** Clears the pane and loads its models; afterwards `isBusy` says whether it may `write`. */
  async load(find: () => Promise<Casting>, prompt: string): Promise<void> {
    this.reset(prompt);
    this.enter("loading");
    this.loads = new AbortController();
    const { signal } = this.loads;
    try {
      this.casting = await this.models.become(find, signal);
    } catch (error) {
      if (signal.aborted) this.finish(CANCELLED);
      else this.fail(error);
    }
  }

  /** Shows a run that was recorded: none of it is told to the page, which has no run. */
  playBack(write: Writer, prompt: string): Promise<void> {
    this.reset(prompt);
    this.isRecorded = true;
    return this.follow(write);
  }

  /** Clears the pane and shows a run of another writer, which is to end when `signal` aborts. Never rejects. */
  writeElsewhere(write: Writer, prompt: string): Promise<void> {
    this.reset(prompt);
    return this.follow(write);
  }

  /** Is as it was before its first run, at once. */
  clear(): void {
    this.cancel();
    this.loads = null;
    this.reset("");
    this.enter("idle");
  }

  private async follow(write: Writer): Promise<void> {
    this.enter("running");
    const loads = new AbortController();
    this.loads = loads;
    let outcome = CANCELLED;
    try {
      await write((event) => {
        if (this.loads !== loads) return;
        this.show([event]);
        if (event.type === "done") outcome = event;
      }, loads.signal);
      if (this.loads === loads) this.finish(outcome);
    } catch (error) {
      if (this.loads === loads) this.fail(error);
    }
  }

  /** Runs the decoder on the loaded models. Never rejects: a failed run is an outcome. */
  async write(prompt: Prompt): Promise<void> {
    // Stopped while another pane was still loading.
    if (this.loads?.signal.aborted) return this.finish(CANCELLED);
    this.enter("running");
    const { refs, options } = this.casting;
    const [model, draft] = refs;
    this.origin = { ref: model, prompt };
    try {
      this.run = startRun({ model, draft, decoder: this.decoder, prompt, options }, (events) => this.show(events));
      const { text, ids, reason, metrics } = await this.run.done;
      this.finish({ text, ids, reason, metrics });
    } catch (error) {
      this.fail(error);
    } finally {
      this.run = null;
    }
  }

  /** Whether its run has begun and tells nothing yet: it tells its options first, and what they need may have to be measured. */
  get isPreparing(): boolean {
    return this.state === "running" && this.fidelity === null && !this.isRecovering;
  }

  /** Asks the load or run to end; it ends as `cancelled`. */
  cancel(): void {
    this.loads?.abort();
    this.run?.cancel();
  }

  /** Gives the models back. */
  release(): void {
    this.models.release();
    this.origin = null;
  }

  /** Shows what was written up to this step. */
  showStep(step: number): void {
    this.replay.show(this.view, step);
    this.host.requestUpdate();
  }

  /** Puts prompt and text on the clipboard. */
  async copy(): Promise<void> {
    await navigator.clipboard.writeText(this.prompt + (this.view.root.textContent ?? ""));
    this.isCopied = true;
    this.host.requestUpdate();
  }

  /** What it is doing, in the words that its head shows and a screen reader says. */
  get status(): string {
    return this.isRecorded ? `recorded, ${this.plainStatus.replace(/^done: /, "")}` : this.plainStatus;
  }

  private get plainStatus(): string {
    if (this.state === "idle") return "ready";
    if (this.state === "loading") return "loading";
    if (this.state !== "running") return this.outcome ? outcomeWords(this.outcome) : "done";
    if (this.isRecovering) return "recovering: the device was lost";
    return this.isPreparing ? "preparing" : "writing";
  }

  protected override reset(prompt: string): void {
    super.reset(prompt);
    this.outcome = null;
    this.isCopied = false;
    this.isRecorded = false;
    this.origin = null;
    this.waitsFor = null;
    const { paper } = this;
    if (paper) beginAnew(paper);
  }

  /** The box that its text is in, once it is drawn. */
  private get paper(): Element | null {
    return this.view.root.closest(".paper");
  }

  private show(events: GenerationEvent[]): void {
    for (const event of events) {
      this.add(event);
      if (!this.isRecorded) this.host.onPaneEvent(this, event);
    }
    const { paper } = this;
    if (paper) followEnd(paper);
    this.host.requestUpdate();
  }

  private enter(state: PaneState): void {
    this.state = state;
    this.host.requestUpdate();
  }

  private finish(outcome: PaneOutcome): void {
    this.outcome = outcome;
    this.enter("done");
  }

  private fail(error: unknown): void {
    const wire = toWire(error);
    if (wire.code === "worker_failed" || wire.code === "disposed") this.models.forget();
    this.outcome = { error: wire };
    this.enter(isUnable(wire) ? "unable" : "error");
    this.host.onPaneError(this, wire);
  }
}
