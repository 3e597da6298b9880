// Over 300 lines: one pane, which shows a run from its options to its figures.
import { html, nothing, type TemplateResult } from "lit";
import { toWire, type WireError } from "../vocabulary/errors.js";
import type { Fidelity, FinishReason, GenerationEvent, Law, Metrics, TokenId } from "../vocabulary/events.js";
import {
  keyOf,
  type LoadProgress,
  type ModelInfo,
  type ModelRef,
  type RunHandle,
  releaseModel,
  startRun,
  takeModel,
} from "../worker/client.js";
import { adviceFor, plainWords } from "./advice.js";
import { renderError } from "./error-note.js";
import { CanvasView } from "./canvas-view.js";
import { formatBytes, renderMetrics } from "./figures.js";
import { splitHoles } from "../vocabulary/holes.js";
import { Replay } from "./replay.js";
import { renderReplay } from "./replay-panel.js";
import { Rounds } from "./rounds.js";
import { RunView } from "./run-view.js";
import { Tally } from "./tally.js";

/** A pane's name in events: a region of the comparison, or the decoder of a single pane. */
export type PaneName = string;
/** What a pane is doing; `unable`: what was asked isn't for its decoder or its models, which is no fault. */
export type PaneState = "idle" | "loading" | "running" | "done" | "unable" | "error";

/** How one pane ended. */
export type PaneOutcome =
  | { text: string; ids: TokenId[]; reason: FinishReason; metrics: Metrics | null }
  | { error: WireError };
/** Detail of `triptych-done`. */
export type PaneOutcomes = Record<PaneName, PaneOutcome>;
/** Detail of `triptych-event`. */
export interface PaneEventDetail {
  pane: PaneName;
  event: GenerationEvent;
}

/** What a pane writes next. */
export interface PaneJob {
  prompt: string;
  options: Record<string, unknown>;
}

/** The element around a pane. */
export interface PaneHost {
  requestUpdate(): void;
  onPaneEvent(pane: Pane, event: GenerationEvent): void;
  onPaneError(pane: Pane, error: WireError): void;
}

const SCROLL_SLACK_PX = 48;

const BOUND_WORDS =
  "Of the tokens that a step commits together: how far their law is from the model's own joint law (KL divergence)";
/** One decoder at work: its models, its run, its picture. Not an element, so that the region lives in the host's shadow root. */
export class Pane {
  state: PaneState = "idle";
  outcome: PaneOutcome | null = null;
  fidelity: Fidelity | null = null;
  /** Whose law the text has, in words for people. */
  law: Law | null = null;
  /** Most nats that a step loses, where that is known. */
  boundNats: number | null = null;
  tally = new Tally();
  rounds = new Rounds();
  private replay = new Replay();
  /** Comparison with another pane's ids, shown when set. */
  badge: { text: string; isGood: boolean } | null = null;
  private readonly view = new CanvasView();
  /** What it shows, and those that listen to it. */
  private seen = new RunView();
  /** Models that it has a reference to, by `keyOf`. */
  private readonly held = new Map<string, ModelInfo>();
  /** The models that it writes with, the main one first. */
  refs: readonly ModelRef[] = [];
  private readonly progress = new Map<string, LoadProgress>();
  private prompt = "";
  private loads: AbortController | null = null;
  private run: RunHandle | null = null;
  private copied = false;
  /** Its device was lost, and another is asked for. */
  private isRecovering = false;
  /** What it shows was written elsewhere. */
  private isRecorded = false;

  constructor(
    readonly name: PaneName,
    public label: string,
    /** Which one writes next. */
    public decoder: string,
    private readonly host: PaneHost,
  ) {}

  /** The models it has loaded, the main one first. */
  get modelInfos(): ModelInfo[] {
    return [...new Set(this.refs.map(keyOf))].flatMap((key) => this.held.get(key) ?? []);
  }

  /** Goes over to another decoder. */
  become(decoder: string, label: string): void {
    this.decoder = decoder;
    this.label = label;
  }

  /** Writes with some of the models that it has loaded. */
  recast(refs: readonly ModelRef[]): void {
    this.refs = refs;
  }

  /** Whether a load or a run is on its way. */
  get isBusy(): boolean {
    return this.state === "loading" || this.state === "running";
  }

  /** Clears the pane and loads its models; afterwards `isBusy` says whether it may `write`. */
  async load(findRefs: () => Promise<ModelRef[]>, prompt: string): Promise<void> {
    this.reset(prompt);
    this.enter("loading");
    this.loads = new AbortController();
    const { signal } = this.loads;
    try {
      const refs = new Map<string, ModelRef>();
      this.refs = await findRefs();
      signal.throwIfAborted();
      for (const ref of this.refs) refs.set(keyOf(ref), ref);
      for (const key of [...this.held.keys()].filter((held) => !refs.has(held))) this.letGo(key);
      const missing = [...refs].filter(([key]) => !this.held.has(key));
      await Promise.all(missing.map(([, ref]) => this.take(ref, signal)));
      signal.throwIfAborted();
    } catch (error) {
      if (signal.aborted) this.finish({ text: "", ids: [], reason: "cancelled", metrics: null });
      else this.fail(error);
    }
  }

  /** Shows a run that was written elsewhere. */
  async playBack(play: (signal: AbortSignal) => AsyncIterable<GenerationEvent>, prompt: string): Promise<void> {
    this.reset(prompt);
    this.isRecorded = true;
    this.enter("running");
    this.loads = new AbortController();
    const { signal } = this.loads;
    for await (const event of play(signal)) {
      this.show([event]);
      if (event.type === "done") return this.finish(event);
    }
    this.finish({ text: "", ids: [], reason: "cancelled", metrics: null });
  }

  /** Runs the decoder on the loaded models. Never rejects: a failed run is an outcome. */
  async write(job: PaneJob): Promise<void> {
    // Stopped while another pane was still loading.
    if (this.loads?.signal.aborted) return this.finish({ text: "", ids: [], reason: "cancelled", metrics: null });
    this.enter("running");
    const [model, draft] = this.refs;
    try {
      this.run = startRun({ model, draft, decoder: this.decoder, ...job }, (events) => this.show(events));
      const { text, ids, reason, metrics } = await this.run.done;
      this.finish({ text, ids, reason, metrics });
    } catch (error) {
      this.fail(error);
    } finally {
      this.run = null;
    }
  }

  private reset(prompt: string): void {
    this.view.clear();
    this.tally = new Tally();
    this.rounds = new Rounds();
    this.replay = new Replay();
    this.seen = new RunView();
    for (const viewer of [this.tally, this.replay, this.rounds]) this.seen.subscribe((seen) => viewer.add(seen));
    this.seen.subscribe((seen) => this.view.apply(seen));
    this.outcome = null;
    this.badge = null;
    this.fidelity = null;
    this.law = null;
    this.boundNats = null;
    this.copied = false;
    this.prompt = splitHoles(prompt).before;
    this.progress.clear();
    this.isRecorded = false;
    this.isRecovering = false;
  }

  /** Asks the load or run to end; it ends as `cancelled`. */
  cancel(): void {
    this.loads?.abort();
    this.run?.cancel();
  }

  /** Gives the models back. */
  release(): void {
    for (const key of [...this.held.keys()]) this.letGo(key);
  }

  private async take(ref: ModelRef, signal: AbortSignal): Promise<void> {
    const info = await takeModel(ref, {
      signal,
      onProgress: (progress) => {
        this.progress.set(keyOf(ref), progress);
        this.host.requestUpdate();
      },
    });
    this.held.set(keyOf(ref), info);
  }

  private letGo(key: string): void {
    const ref = this.held.get(key)?.ref;
    this.held.delete(key);
    if (!ref) return;
    releaseModel(ref).catch(() => {
      // The worker is gone and the model with it.
    });
  }

  private show(events: GenerationEvent[]): void {
    const paper = this.view.root.closest(".paper");
    const isAtEnd = paper !== null && paper.scrollHeight - paper.scrollTop - paper.clientHeight < SCROLL_SLACK_PX;
    for (const event of events) {
      this.seen.add(event);
      if (event.type === "start") {
        this.fidelity = event.fidelity;
        this.law = event.law;
        this.boundNats = event.boundNats ?? null;
      }
      this.isRecovering = event.type === "recovering";
      this.host.onPaneEvent(this, event);
    }
    // Follows the text, unless the reader has scrolled up.
    if (isAtEnd) paper.scrollTop = paper.scrollHeight;
    this.host.requestUpdate();
  }

  private showStep(step: number): void {
    this.replay.show(this.view, step);
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
    // A new worker knows none of this pane's references.
    if (wire.code === "worker_failed" || wire.code === "disposed") this.held.clear();
    this.outcome = { error: wire };
    this.enter(isUnable(wire) ? "unable" : "error");
    this.host.onPaneError(this, wire);
  }

  private async copy(): Promise<void> {
    await navigator.clipboard.writeText(this.prompt + (this.view.root.textContent ?? ""));
    this.copied = true;
    this.host.requestUpdate();
  }

  /** What it is doing, in the words that its head shows and a screen reader says. */
  get status(): string {
    return this.isRecorded ? `recorded, ${this.plainStatus}` : this.plainStatus;
  }

  private get plainStatus(): string {
    switch (this.state) {
      case "idle":
        return "ready";
      case "loading":
        return "loading";
      case "running":
        if (this.isRecovering) return "recovering: the device was lost";
        // A run tells its options first, and what they need may have to be measured.
        return this.fidelity === null ? "preparing" : "writing";
      case "unable":
        return this.outcome && "error" in this.outcome ? UNABLE[this.outcome.error.code] : "can't do this";
      case "error":
        return "failed";
      case "done":
        return this.outcome && "reason" in this.outcome ? reasonWords(this.outcome) : "done";
    }
  }

  /** The pane's region; `children` go below its figures. `shared`: a failure that the element shows once for all its panes. */
  render(
    maxNewTokens: number | undefined,
    children: TemplateResult | typeof nothing = nothing,
    shared: WireError | null = null,
  ): TemplateResult {
    const failure = this.outcome && "error" in this.outcome ? this.outcome.error : null;
    const share = maxNewTokens ? Math.min(1, this.tally.tokens / maxNewTokens) : 0;
    return html`<section part="pane" class="pane" aria-label=${this.label} data-state=${this.state} data-pane=${this.name}>
      <header class="pane-head">
        <h2>${this.label}</h2>
        <span class="status">${this.status}</span>
        <button type="button" class="quiet" aria-label="Copy ${this.label.toLowerCase()} text"
          ?disabled=${this.tally.tokens === 0} @click=${() => this.copy()}>${this.copied ? "copied" : "copy"}</button>
      </header>
      <div class="travel" aria-hidden="true"><i style="inline-size:${(share * 100).toFixed(1)}%"></i></div>
      <div class="paper" tabindex="0" role="group" aria-label="Written text">
        ${this.state === "loading" ? this.renderProgress() : nothing}
        ${failure ? renderFailure(failure, this.state, isSame(failure, shared)) : nothing}
        <p><span part="prompt" dir="auto">${this.prompt}</span>${this.view.root}</p>
      </div>
      ${this.state === "done" ? renderReplay(this.replay, this.label, (step) => this.showStep(step)) : nothing}
      <div class="marks">
        ${this.fidelity ? html`<span part="fidelity" class="mark">${this.fidelity}</span>` : nothing}
        ${
          this.boundNats !== null
            ? html`<span part="bound" class="mark" title=${BOUND_WORDS}>at most ${this.boundNats} nats lost per step</span>`
            : nothing
        }
        ${
          this.badge
            ? html`<span part="badge" class="mark ${this.badge.isGood ? "good" : "bad"}">${this.badge.text}</span>`
            : nothing
        }
      </div>
      ${this.law ? html`<p part="law" class="law">${this.law.sentence}</p>` : nothing}
      ${renderMetrics(this.tally)} ${children}
    </section>`;
  }

  private renderProgress(): TemplateResult {
    const parts = [...this.progress.values()];
    const loaded = parts.reduce((sum, { loadedBytes }) => sum + loadedBytes, 0);
    const total = parts.reduce((sum, { totalBytes }) => sum + (totalBytes ?? 0), 0);
    const isHere = total > 0 && loaded >= total;
    const words = total > 0 ? `Loading weights: ${formatBytes(loaded)} of ${formatBytes(total)}` : "Opening the GPU";
    return html`<div class="loading">
      <progress aria-label="Loading weights" .max=${total || 1} .value=${total > 0 ? loaded : 0}></progress>
      <span>${isHere ? "Weights are here; compiling kernels" : words}</span>
    </div>`;
  }
}

const REASON_WORDS: Record<FinishReason, string> = {
  stop: "done: reached an end",
  length: "done: full length",
  complete: "done: complete",
  cancelled: "stopped",
};

function reasonWords({ reason, metrics }: Extract<PaneOutcome, { reason: FinishReason }>): string {
  return reason === "length" && metrics?.tokens === 0 ? "done: nothing to write" : REASON_WORDS[reason];
}

/** What isn't for a decoder or its models, by the error's code, and the status that says so. */
const UNABLE: Record<string, string> = { no_infill: "can't fill holes", no_such_role: "no model for this" };

/** Whether a failure is no fault: what was asked isn't for this decoder or its models. */
export function isUnable({ code }: WireError): boolean {
  return Object.hasOwn(UNABLE, code);
}

/** Whether two failures are one, met in several places. */
export function isSame(one: WireError, other: WireError | null): boolean {
  return one.code === other?.code && one.message === other.message;
}

function renderFailure(failure: WireError, state: PaneState, isShared: boolean): TemplateResult {
  if (isShared) return html`<p class="calm">Nothing was written: the reason stands above.</p>`;
  if (state !== "unable") return renderError(failure);
  return html`<p class="calm" part="error" data-code=${failure.code}>${[plainWords(failure.code) ?? failure.message, ...adviceFor(failure.code)].join(" ")}</p>`;
}
