import { html, LitElement, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { toWire, type WireError } from "../../vocabulary/errors.js";
import { formatMs, renderMetrics } from "../figures.js";
import { base } from "../base-style.js";
import { paneStyle } from "../pane-style.js";
import { panesStyle } from "../panes-style.js";
import { tokenStyle } from "../token-style.js";
import type { Trace } from "../trace/trace.js";
import { REPLAY } from "../words.js";
import { type Moment, momentsOf } from "./moments.js";
import { playerStyle } from "./player-style.js";
import { ReplayedPane } from "./replayed-pane.js";
import { traceFrom } from "./source.js";

/** How many times as fast as the runs were a replay can be, as its menu offers it. */
const SPEEDS = [0.125, 0.25, 0.5, 1, 2, 4, 8];

/**
 * `<triptych-replay>`: plays a trace of a race, without models, a worker or a GPU.
 * Attributes: `trace` (its address), `autoplay` (plays as soon as it is there, unless motion is not wanted), `speed` (1: as fast as it was).
 * Parts: `recorded`, `pane`, `prompt`, `text`, `fidelity`, `law`, `metrics`, `player`, `error`.
 * @fires triptych-replay - `{ position, numMoments, atMs }` whenever another moment is shown.
 * @fires triptych-error - `{ name, code, message }` where the trace can't be played.
 */
export class ReplayElement extends LitElement {
  static override styles = [base, paneStyle, panesStyle, tokenStyle, playerStyle];
  static override properties: PropertyDeclarations = {
    trace: {},
    autoplay: { type: Boolean, reflect: true },
    speed: { type: Number, reflect: true },
    shown: { state: true },
    error: { state: true },
    position: { state: true },
    playing: { state: true },
  };

  /** What is played: an address, a trace as an object, or its JSON. */
  declare trace: string | Trace | undefined;
  /** Plays as soon as the trace is there. */
  declare autoplay: boolean;
  /** How many times as fast as the runs were. */
  declare speed: number;
  declare private shown: { trace: Trace; panes: readonly ReplayedPane[]; moments: readonly Moment[] } | null;
  declare private error: WireError | null;
  /** The moment that is shown, 0 first. */
  declare position: number;
  declare playing: boolean;

  private loading = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the replay was begun or changed its speed, and the moment that it showed then. */
  private from = { wallMs: 0, atMs: 0 };

  constructor() {
    super();
    this.autoplay = false;
    this.speed = 1;
    this.shown = null;
    this.error = null;
    this.position = 0;
    this.playing = false;
  }

  /** How many moments there are to show; 0 before the trace is there. */
  get numMoments(): number {
    return this.shown?.moments.length ?? 0;
  }

  /** Plays on, or from the beginning where the end is shown. */
  play(): void {
    if (!this.shown || this.playing) return;
    if (this.position >= this.numMoments - 1) this.show(0);
    this.playing = true;
    this.begin();
  }

  /** Stays at the moment that is shown. */
  pause(): void {
    clearTimeout(this.timer);
    this.playing = false;
  }

  /** Goes to a moment, and stays there: 0 is the beginning, `numMoments - 1` the end. */
  seek(position: number): void {
    this.pause();
    this.show(position);
  }

  private show(position: number): void {
    if (!this.shown) return;
    const { panes, moments } = this.shown;
    this.position = Math.max(0, Math.min(Math.trunc(position) || 0, moments.length - 1));
    const { counts, atMs } = moments[this.position];
    for (const [i, pane] of panes.entries()) pane.show(counts[i]);
    this.tell("triptych-replay", { position: this.position, numMoments: moments.length, atMs });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated && this.trace !== undefined) void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.clear();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("trace")) void this.load();
    if (changed.has("speed") && this.playing) this.begin();
  }

  protected override render(): TemplateResult {
    const { error, shown } = this;
    if (error) {
      return html`<div class="error" role="alert" part="error" data-code=${error.code}><strong>${REPLAY.refused}</strong>
        <p>${error.message}</p></div>`;
    }
    if (!shown)
      return html`<p class="calm" role="status">${this.trace === undefined ? REPLAY.none : REPLAY.loading}</p>`;
    const { trace, panes } = shown;
    return html`<p class="recorded" part="recorded"><strong>${REPLAY.recording}</strong> ${REPLAY.written(trace.date, trace.adapter)}</p>
      <div class="panes" data-count=${panes.length}>${panes.map(renderPane)}
        <div class="between">${this.renderPlayer(shown.moments)}</div></div>`;
  }

  private renderPlayer(moments: readonly Moment[]): TemplateResult {
    const { position, playing, speed } = this;
    const last = moments.length - 1;
    const words = REPLAY.moment(position, last, formatMs(moments[position].atMs));
    const step = (by: number) => this.seek(position + by);
    return html`<div class="player" part="player" role="group" aria-label=${REPLAY.player}>
      <button type="button" @click=${() => (playing ? this.pause() : this.play())}>${playing ? REPLAY.pause : REPLAY.play}</button>
      <button type="button" class="quiet" ?disabled=${position === 0} @click=${() => step(-1)}>${REPLAY.back}</button>
      <button type="button" class="quiet" ?disabled=${position === last} @click=${() => step(1)}>${REPLAY.on}</button>
      <input type="range" min="0" max=${last} step="1" aria-label=${REPLAY.slider} aria-valuetext=${words} .value=${live(String(position))}
        @input=${(event: Event) => this.seek(Number((event.target as HTMLInputElement).value))} />
      <output>${words}</output>
      <label>${REPLAY.speed} <select @change=${(event: Event) => {
        this.speed = Number((event.target as HTMLSelectElement).value);
      }}>${[...new Set([...SPEEDS, speed])]
        .sort((a, b) => a - b)
        .map(
          (one) => html`<option value=${one} .selected=${one === speed}>${REPLAY.times(one)}</option>`,
        )}</select></label>
    </div>`;
  }

  private async load(): Promise<void> {
    this.clear();
    if (this.trace === undefined || this.trace === null || !this.isConnected) return;
    this.loading = new AbortController();
    const { signal } = this.loading;
    try {
      const trace = await traceFrom(this.trace, signal);
      if (signal.aborted) return;
      this.shown = {
        trace,
        panes: trace.panes.map((pane) => new ReplayedPane(pane, trace.prompt)),
        moments: momentsOf(trace.panes),
      };
      const plays = this.autoplay && !matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.show(plays ? 0 : this.numMoments - 1);
      if (plays) this.play();
    } catch (error) {
      if (signal.aborted) return;
      this.error = toWire(error);
      this.tell("triptych-error", this.error);
    }
  }

  /** Gives up what is loaded, shown or under way. */
  private clear(): void {
    this.loading.abort();
    this.pause();
    this.shown = null;
    this.error = null;
    this.position = 0;
  }

  /** Counts the time of a replay from here on. */
  private begin(): void {
    clearTimeout(this.timer);
    this.from = { wallMs: performance.now(), atMs: this.shown?.moments[this.position].atMs ?? 0 };
    this.wait();
  }

  /** The time of the runs that a replay has come to. */
  private get nowMs(): number {
    return this.from.atMs + (performance.now() - this.from.wallMs) * this.pace;
  }

  private get pace(): number {
    return this.speed > 0 && Number.isFinite(this.speed) ? this.speed : 1;
  }

  /** Shows what is due, and waits for what comes next. */
  private wait(): void {
    const moments = this.shown?.moments ?? [];
    const due = moments.findLastIndex(({ atMs }) => atMs <= this.nowMs);
    if (due > this.position) this.show(due);
    const next = moments[this.position + 1];
    if (!next) return this.pause();
    this.timer = setTimeout(() => this.wait(), (next.atMs - this.nowMs) / this.pace);
  }

  private tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

function renderPane({ pane, prompt, view, tally, start, error, status, kind }: ReplayedPane): TemplateResult {
  const { label, name } = pane;
  return html`<section part="pane" class="pane" aria-label=${label} data-pane=${name} data-kind=${kind ?? nothing}>
    <div class="pane-top">
      <header class="pane-head"><div class="pane-name"><h2>${label}</h2><span class="status">${status}</span></div>
        ${start ? html`<span part="fidelity" class="mark">${start.fidelity}</span>` : nothing}</header>
      <div class="paper" tabindex="0" role="group" aria-label=${REPLAY.text(label)}>
        ${error ? html`<p class="calm" part="error" data-code=${error.code}>${error.message}</p>` : nothing}
        <p><span part="prompt" dir="auto">${prompt}</span>${view.root}</p>
      </div>
    </div>
    <div class="pane-more">
      <div class="law-place">${start ? html`<p part="law" class="law">${start.law.sentence}</p>` : nothing}</div>
      ${renderMetrics(tally)}
    </div>
  </section>`;
}
