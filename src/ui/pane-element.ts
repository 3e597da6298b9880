import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { AUTO } from "../vocabulary/device.js";
import { toWire, type WireError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import { listDecoders, ordersApart } from "../worker/client.js";
import { NO_DEVICE } from "./advice.js";
import { textOf } from "./chat-text.js";
import { renderError } from "./error-note.js";
import { renderRecorded } from "./intro/note.js";
import { openRecording } from "./intro/open-recording.js";
import { Opening } from "./intro/opening.js";
import { Pointing } from "./inspector/pointing.js";
import { Keys } from "./keys.js";
import { Late } from "./late.js";
import { tell } from "./element-events.js";
import type { Pane, PaneHost } from "./pane.js";
import { type PaneName, type PaneOutcomes, sameFailure } from "./pane-outcome.js";
import type { RecordedRace } from "./recording.js";
import type { Rounds } from "./rounds.js";
import type { SpeedUp } from "./rounds-panel.js";
import { renderDevicesOf } from "./runs-on.js";
import { SettingsElement } from "./settings-element.js";
import { recordedWords, textWords } from "./words/first.js";

/**
 * What both elements do: `generate`, `stop` and their events.
 * @fires triptych-start - A generation was asked for; `preventDefault()` keeps it from being written. `detail`: `{ prompt }`.
 * @fires triptych-event - For every event of every run. `detail`: `{ pane, event }`.
 * @fires triptych-done - All panes have ended. `detail`: outcomes by the panes' names.
 * @fires triptych-error - A pane has failed. `detail`: `{ pane, name, code, message }`.
 */
export abstract class PaneElement extends SettingsElement implements PaneHost {
  static override properties: PropertyDeclarations = {
    recordingError: { state: true },
    busy: { state: true },
    recording: { reflect: true, converter: { fromAttribute: (text: string | null) => text ?? undefined } },
    autoplay: { type: Boolean, reflect: true },
    playback: { state: true },
  };

  /** Why the recorded run can't be shown. */
  declare private recordingError: WireError | null;
  /** Whether a generation is on its way. */
  declare busy: boolean;
  /** Address of recorded runs, to be looked at where no device runs models. */
  declare recording: string | undefined;
  /** Whether they play when the element is first seen, before any model is loaded. */
  declare autoplay: boolean;
  /** The recording that is shown instead of runs; null where there are runs, or nothing yet. */
  declare playback: RecordedRace | null;

  private readonly roundsPanel = new Late(this, () => import("./rounds-panel.js"));
  private readonly orders = new Late(this, async () => new (await import("./orders.js")).Orders(this, ordersApart));
  private current: Promise<PaneOutcomes> = Promise.resolve({});
  protected readonly opening = new Opening(this);
  private latestCall = 0;
  private preparing = new AbortController();

  constructor() {
    super();
    new Keys(this);
    new Pointing(this, () => this.panes);
    this.recordingError = null;
    this.busy = false;
    this.autoplay = false;
    this.playback = null;
  }

  /** A recorded race is told of at once, and drawn once a frame from then on. */
  protected get isWriting(): boolean {
    return this.busy || Boolean(this.playback?.isPlaying && this.playback.isTold);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.playback) this.playback.isTold = true;
  }

  /** What keeps every pane from writing: shown once, instead of in each. */
  protected get sharedError(): WireError | null {
    if (this.recordingError) return this.recordingError;
    const shared = sameFailure(this.panes.map(({ failure }) => failure));
    return this.panes.length > 1 || shared?.code === NO_DEVICE ? shared : null;
  }

  /** Whether a pane that writes nothing yet may still fail as others have, so that one failure is that of all. */
  protected get isSharedOpen(): boolean {
    return this.panes.some(({ isBusy, tally }) => isBusy && tally.tokens === 0);
  }

  /** How the drafts of a run fared; nothing for a decoder that drafts none. */
  protected roundsOf(rounds: Rounds, speed: SpeedUp): TemplateResult | typeof nothing {
    return rounds.drafting ? (this.roundsPanel.part?.renderRounds(rounds, speed) ?? nothing) : nothing;
  }

  /** The button that shuffles the prompt's sets, for a pane whose decoder reads them. */
  protected ordersOf(pane: Pane): TemplateResult | typeof nothing {
    const readsSets = this.decoderInfos.some((info) => info.name === pane.decoder && info.readsSets);
    return readsSets ? (this.orders.part?.render(pane) ?? nothing) : nothing;
  }

  /** How each pane that has ended did so, for screen readers. */
  protected get announcement(): string {
    const ended = this.panes.filter(({ outcome, isBusy }) => outcome && !isBusy);
    return ended.map(({ label, status, tally }) => textWords.ended(label, status, tally.tokens)).join(" ");
  }

  /** Writes on from `prompt` (default: the properties `messages`, else `prompt`) in every pane; a run under way is stopped first. Never rejects. */
  generate(prompt?: string): Promise<PaneOutcomes> {
    if (prompt !== undefined) this.takeText(prompt);
    const call = ++this.latestCall;
    const previous = this.current;
    this.cancelPanes();
    this.forgetRecording();
    this.busy = true;
    this.current = (async () => {
      const outcomes = await previous;
      // Which models a pane needs is in the decoders' tables.
      if (this.decoderInfos.length === 0) await this.introduce();
      await this.settle();
      if (call !== this.latestCall) return outcomes;
      // What the caller says goes before what an address said meanwhile.
      if (prompt !== undefined) this.takeText(prompt);
      return this.race();
    })();
    return this.current;
  }

  /** Stops every pane; resolves when they have ended. */
  async stop(): Promise<void> {
    this.latestCall++;
    this.cancelPanes();
    await this.current;
    this.busy = false;
  }

  /** Stops, and shows nothing in any pane; what is asked for meanwhile goes before it. */
  protected async clear(): Promise<void> {
    const call = ++this.latestCall;
    this.cancelPanes();
    await this.current;
    if (call !== this.latestCall) return;
    this.busy = false;
    for (const pane of this.panes) pane.clear();
  }

  /** Address of the model that a pane writes with, by the pane's name in events; null before it has one. */
  modelUrl(pane: PaneName): string | null {
    return this.panes.find(({ name }) => name === pane)?.casting.refs[0]?.url ?? null;
  }

  onPaneEvent(pane: Pane, event: GenerationEvent): void {
    tell(this, "triptych-event", { pane: pane.name, event });
  }

  onPaneError(pane: Pane, error: WireError): void {
    tell(this, "triptych-error", { pane: pane.name, ...error });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What controls show waits for what the page opens on.
    void this.opening.ended.then(() => this.introduce());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // Later, and only if it is still gone: moving an element disconnects and connects it.
    setTimeout(async () => {
      if (this.isConnected) return;
      await this.stop();
      for (const pane of this.panes) pane.release();
    });
  }

  /** Called before each race, with the decoders' tables there: resolves once every setting is what it will be. */
  protected async settle(): Promise<void> {}

  /** Called when every pane's models are there, before any writes: what has to be measured is no part of the race. Ends when `signal` aborts. */
  protected async prepare(_signal: AbortSignal): Promise<void> {}

  /** Called when a generation begins, which nothing keeps from it any more. */
  protected onRaceStart(): void {}

  /** Called when every pane has ended, before `triptych-done`. */
  protected onRaceEnd(): void {}

  /** Asks what the controls show. No worker starts for it: the page may still say how to make one. */
  private async introduce(): Promise<void> {
    this.decoderInfos = await listDecoders();
  }

  /** Whether nothing was asked for yet. */
  get isFresh(): boolean {
    return this.latestCall === 0;
  }

  /** Plays the recorded runs in all panes from their beginning, or shows their end with `isStill`; what runs is stopped. Resolves when they have ended. Never rejects. */
  playRecording(isStill = matchMedia("(prefers-reduced-motion: reduce)").matches): Promise<unknown> {
    const call = ++this.latestCall;
    const previous = this.current;
    this.cancelPanes();
    this.forgetRecording();
    this.current = (async () => {
      const outcomes = await previous;
      if (call === this.latestCall) this.busy = false;
      try {
        const playback = await openRecording(this.recording ?? "");
        this.opening.end();
        if (call !== this.latestCall) return outcomes;
        this.playback = playback;
        await playback.play(this.panes, isStill);
        if (this.decoderInfos.length === 0) await this.introduce();
        if (call === this.latestCall) this.onRaceEnd();
        this.requestUpdate();
      } catch (error) {
        this.opening.end();
        this.recordingError = toWire(error);
      }
      return outcomes;
    })();
    return this.current;
  }

  /** Shows the end of what plays; resolves once it is shown. */
  async skipRecording(): Promise<void> {
    this.playback?.hurry();
    await this.current;
  }

  /** Leaves nothing of a recording where something is to run. */
  private forgetRecording(): void {
    if (this.playback) for (const pane of this.panes) pane.clear();
    this.playback = null;
  }

  /** Above the panes: what runs where, or what keeps all of them from writing, or that what they show is a recording. Has its room from the start. `more`: beside a recording's buttons. */
  protected renderNote(more: TemplateResult | typeof nothing = nothing): TemplateResult {
    return html`<div class="note" data-keeps=${this.autoplay && this.recording ? "room" : nothing}><div role="status">${this.playback ? nothing : renderDevicesOf(this.panes)}</div> ${this.renderShared(more)}</div>`;
  }

  /** What keeps all panes from writing, with the recorded run where there is one; or what that is. */
  private renderShared(more: TemplateResult | typeof nothing): TemplateResult | typeof nothing {
    if (this.playback) return renderRecorded(this.playback, this, more);
    const { sharedError } = this;
    if (!sharedError) return nothing;
    // Where another device may run them, that is the better advice.
    const hasRecording = this.recording && this.device === AUTO && sharedError.code === NO_DEVICE;
    return html`${renderError(sharedError, this.deviceAsked)}${
      hasRecording
        ? html`<p><button type="button" @click=${() => this.playRecording()}>${recordedWords.look}</button></p>`
        : nothing
    }`;
  }

  private takeText(prompt: string): void {
    this.prompt = prompt;
    this.messages = undefined;
  }

  private async race(): Promise<PaneOutcomes> {
    const { messages } = this;
    const prompt = messages ? { messages } : this.prompt;
    const shown = messages ? textOf(messages) : this.prompt;
    // In a message holes are text.
    const holed = messages ? "" : this.prompt;
    this.preparing = new AbortController();
    const { signal } = this.preparing;
    if (!tell(this, "triptych-start", { prompt })) {
      this.busy = false;
      return {};
    }
    this.busy = true;
    this.onRaceStart();
    this.playback = null;
    this.recordingError = null;
    // A pane that is added meanwhile waits for the next race.
    const { panes } = this;
    // All start together once the last model is there, so that the wall clock is fair.
    await Promise.all(panes.map((pane) => pane.load(() => this.castFor(pane, holed), shown)));
    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    // A forward that is under way ends behind the stop.
    if (!signal.aborted) await Promise.race([this.prepare(signal), stopped]);
    await Promise.all(panes.filter((pane) => pane.isBusy).map((pane) => pane.write(prompt)));
    const outcomes: PaneOutcomes = {};
    for (const pane of panes) {
      if (!this.panes.includes(pane)) pane.release();
      else if (pane.outcome) outcomes[pane.name] = pane.outcome;
    }
    this.onRaceEnd();
    this.busy = false;
    tell(this, "triptych-done", outcomes);
    return outcomes;
  }

  private cancelPanes(): void {
    this.preparing.abort();
    for (const pane of this.panes) pane.cancel();
  }
}
