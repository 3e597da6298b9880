import { html, LitElement, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { toWire, type WireError } from "../../vocabulary/errors.js";
import { formatMs, renderMetrics } from "../figures.js";
import { boardStyle } from "../board/board-style.js";
import { renderBoard } from "../board/board-view.js";
import { base } from "../base-style.js";
import { figuresStyle } from "../figures-style.js";
import { paneStyle } from "../pane-style.js";
import { panesStyle } from "../panes-style.js";
import { Playback } from "../playback/playback.js";
import { tokenStyle } from "../token-style.js";
import type { Trace } from "../trace/trace.js";
import { REPLAY } from "../words/first.js";
import { playerStyle } from "./player-style.js";
import { ReplayedPane } from "./replayed-pane.js";
import { traceFrom } from "./source.js";

/** How many times as fast as the runs were a replay can be, as its menu offers it. */
const SPEEDS = [0.125, 0.25, 0.5, 1, 2, 4, 8];

/**
 * `<triptych-replay>`: plays a trace of a race, without models, a worker or a GPU.
 * @tag triptych-replay
 * @attr {string} trace - Its address, as it begins.
 * @attr {boolean} autoplay - Plays as soon as it is there, unless motion is not wanted. Reflects.
 * @attr {number} speed - How many times as fast as the runs were (1). Reflects.
 * @csspart recorded - That it is a recording, and of what.
 * @csspart pane - One pane.
 * @csspart prompt - The prompt, before the text.
 * @csspart text - What is written.
 * @csspart fidelity - How the text relates to its law.
 * @csspart law - Whose law the text has.
 * @csspart metrics - A pane's figures.
 * @csspart player - Play, pause, steps, slider and speed.
 * @csspart error - Why nothing is played.
 * @fires triptych-replay - `{ position, numMoments, atMs }` whenever another moment is shown.
 * @fires triptych-error - `{ name, code, message }` where the trace can't be played.
 */
export class ReplayElement extends LitElement {
  static override styles = [base, paneStyle, figuresStyle, panesStyle, tokenStyle, boardStyle, playerStyle];
  static override properties: PropertyDeclarations = {
    trace: {},
    autoplay: { type: Boolean, reflect: true },
    speed: { type: Number, reflect: true },
    shown: { state: true },
    error: { state: true },
  };

  /** What is played: an address, a trace as an object, or its JSON. */
  declare trace: string | Trace | undefined;
  /** Plays as soon as the trace is there. */
  declare autoplay: boolean;
  /** How many times as fast as the runs were. */
  declare speed: number;
  declare private shown: { trace: Trace; panes: readonly ReplayedPane[] } | null;
  declare private error: WireError | null;

  private loading = new AbortController();
  private readonly playback: Playback;
  /** The moment that was told last; null before any was. */
  private told: number | null = null;

  constructor() {
    super();
    this.autoplay = false;
    this.speed = 1;
    this.shown = null;
    this.error = null;
    const isConnected = () => this.isConnected;
    this.playback = new Playback({
      get isConnected() {
        return isConnected();
      },
      requestUpdate: () => this.onMoment(),
      slide() {},
    });
  }

  /** The moment that is shown, 0 first. */
  get position(): number {
    return this.shown ? this.playback.frame.index : 0;
  }

  /** Whether it plays. */
  get playing(): boolean {
    return this.playback.isPlaying;
  }

  /** How many moments there are to show; 0 before the trace is there. */
  get numMoments(): number {
    return this.shown ? this.playback.frame.last + 1 : 0;
  }

  /** Plays on, or from the beginning where the end is shown. */
  play(): void {
    if (this.shown) this.playback.play();
  }

  /** Stays at the moment that is shown. */
  pause(): void {
    this.playback.pause();
  }

  /** Goes to a moment, and stays there: 0 is the beginning, `numMoments - 1` the end. */
  seek(position: number): void {
    if (this.shown) this.playback.show(Math.trunc(position) || 0);
  }

  /** Draws what is shown, and tells of it where it is another moment. */
  private onMoment(): void {
    this.requestUpdate();
    const { position, numMoments, told } = this;
    if (!this.shown || position === told) return;
    this.told = position;
    this.tell("triptych-replay", { position, numMoments, atMs: this.playback.frame.at });
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
    if (changed.has("speed")) this.playback.pace(this.pace);
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
        <div class="between">${this.renderPlayer()}</div></div>`;
  }

  private renderPlayer(): TemplateResult {
    const { position, playing, speed } = this;
    const { last, at } = this.playback.frame;
    const words = REPLAY.moment(position, last, formatMs(at));
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
      const panes = trace.panes.map((pane) => new ReplayedPane(pane, trace.prompt, trace.board));
      this.shown = { trace, panes };
      this.playback.take(panes);
      if (this.autoplay && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.playback.play();
      else this.playback.show(this.numMoments - 1);
    } catch (error) {
      if (signal.aborted) return;
      this.error = toWire(error);
      this.tell("triptych-error", this.error);
    }
  }

  /** Gives up what is loaded, shown or under way. */
  private clear(): void {
    this.loading.abort();
    this.playback.take([]);
    this.shown = null;
    this.error = null;
    this.told = null;
  }

  private get pace(): number {
    return this.speed > 0 && Number.isFinite(this.speed) ? this.speed : 1;
  }

  private tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

function renderPane(pane: ReplayedPane): TemplateResult {
  const { label, name, prompt, view, tally, start, error, status, kind, board } = pane;
  return html`<section part="pane" class="pane" role="group" aria-label=${label} data-pane=${name} data-kind=${kind ?? nothing}>
    <div class="pane-top">
      <header class="pane-head"><div class="pane-name"><h2>${label}</h2><span class="status">${status}</span></div>
        ${start ? html`<span part="fidelity" class="mark">${start.fidelity}</span>` : nothing}</header>
      <div class="paper" tabindex="0" role="group" aria-label=${REPLAY.text(label)}>
        ${error ? html`<p class="calm" part="error" data-code=${error.code}>${error.message}</p>` : nothing}
        ${board ? renderBoard(board, pane.filled) : html`<p><span part="prompt" dir="auto">${prompt}</span>${view.root}</p>`}
      </div>
    </div>
    <div class="pane-more">
      <div class="law-place">${start ? html`<p part="law" class="law">${start.law.sentence}</p>` : nothing}</div>
      ${renderMetrics(tally)}
    </div>
  </section>`;
}
