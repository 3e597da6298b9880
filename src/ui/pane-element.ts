// Over 300 lines: one element, whose runs, settings and pictures share one state.
import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { toWire, UnsupportedDeviceError, type WireError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import { hasHoles } from "../vocabulary/holes.js";
import {
  type AdapterReport,
  adapter,
  type DecoderInfo,
  listDecoders,
  type ModelRef,
  planOf,
} from "../worker/client.js";
import type { Chosen } from "../vocabulary/chosen.js";
import { type PlanRequest, Plans, withoutUndefined } from "./plans.js";
import { renderDecoderMenu } from "./decoder-menu.js";
import { renderError, renderRecorded } from "./error-note.js";
import { readNumber } from "./number-field.js";
import type { Recording } from "./recording.js";
import { castModels, type ModelName, type Models, type ModelSet, preferences } from "./model-set.js";
import { isSame, isUnable, type Pane, type PaneEventDetail, type PaneHost, type PaneOutcomes } from "./pane.js";

const numeric = {
  // A text that is no number stays, so that the decoder's own check names it; only "not given" is undefined.
  fromAttribute: (text: string | null) => readNumber(text ?? ""),
};

/** The models that may weigh, and their words. */
const JUDGES = { target: "the autoregressive model", draft: "the draft model" } as const satisfies Partial<
  Record<ModelName, string>
>;
type Judge = keyof typeof JUDGES;

/**
 * What the two elements share: attributes, models, `generate`, `stop` and their events.
 * @fires triptych-event - `{ pane, event }` for every event of every run.
 * @fires triptych-done - outcomes by pane name, when all panes have ended.
 * @fires triptych-error - `{ pane, name, code, message }`.
 */
export abstract class PaneElement extends LitElement implements PaneHost {
  static override properties: PropertyDeclarations = {
    prompt: { type: String },
    models: { type: String },
    target: { type: String },
    draft: { type: String },
    diffusion: { type: String },
    maxNewTokens: { attribute: "max-new-tokens", converter: numeric },
    temperature: { converter: numeric },
    seed: { converter: numeric },
    energy: { type: String },
    options: { attribute: false },
    decoderInfos: { state: true },
    adapterReport: { state: true },
    startError: { state: true },
    busy: { state: true },
    recording: { type: String },
    recorded: { state: true },
  };

  /** Text to write on from. */
  declare prompt: string;
  /** Base URL of the embedded family (`story-ar`, `story-draft`, `story-diffusion`). */
  declare models: string | undefined;
  declare target: string | undefined;
  declare draft: string | undefined;
  declare diffusion: string | undefined;
  declare maxNewTokens: number | string | undefined;
  declare temperature: number | string | undefined;
  declare seed: number | string | undefined;
  /** Which model weighs what a diffusion pane with `energy_candidates` draws: `target` or `draft`, both autoregressive. */
  declare energy: Judge;
  /** Further options for every pane, by the names that `listDecoders()` gives. */
  declare options: Record<string, unknown>;
  declare protected decoderInfos: readonly DecoderInfo[];
  declare protected adapterReport: AdapterReport | null;
  declare protected startError: WireError | null;
  /** Whether a generation is on its way. */
  declare busy: boolean;
  /** Address of a recorded run, to be looked at where there is no GPU. */
  declare recording: string | undefined;
  /** What is shown instead of runs; null unless someone asked for it. */
  declare protected recorded: Recording | null;

  /** The panes, in reading order. */
  protected abstract readonly panes: readonly Pane[];
  private current: Promise<PaneOutcomes> = Promise.resolve({});
  private latestCall = 0;
  private focused: Element | null = null;

  constructor() {
    super();
    this.prompt = "";
    this.energy = "target";
    this.options = {};
    this.decoderInfos = [];
    this.adapterReport = null;
    this.startError = null;
    this.busy = false;
    this.recorded = null;
  }

  /** The models at hand, by name. Throws when an address is none. */
  protected abstract modelsAtHand(): Models;

  /** Options that a person has set for a decoder: those that it alone takes, and those that every decoder takes. */
  protected abstract setOptions(decoder: string): { common: Chosen; own: Chosen };

  /** What each decoder could do with the models at hand; empty until someone has touched the element. */
  protected readonly plans = new Plans(() => this.requestUpdate());
  private isTouched = false;

  /** Options that only this pane takes. */
  private ownOptions(pane: Pane): Record<string, unknown> {
    const { common, own } = this.setOptions(pane.decoder);
    return { ...common, ...own };
  }

  /** Called when a person has chosen a pane's decoder. */
  protected abstract onDecoder(pane: Pane, decoder: string): void;

  /** The choice of a pane's decoder. */
  protected renderDecoderMenu(pane: Pane): TemplateResult | typeof nothing {
    return renderDecoderMenu(this.decoderInfos, pane, this.plans, (decoder) => {
      this.onDecoder(pane, decoder);
      this.requestUpdate();
    });
  }

  /** The choice of the model that weighs, where one does. */
  protected renderJudge({ decoder }: Pane): TemplateResult | typeof nothing {
    if (!this.plans.of(decoder)?.roles?.judge) return nothing;
    return html`<label class="field"><span>Weighed by</span>
      <select name="energy" @change=${(event: Event) => {
        this.energy = (event.target as HTMLSelectElement).value as Judge;
      }}>
        ${Object.entries(JUDGES).map(
          ([name, label]) => html`<option value=${name} ?selected=${name === this.energy}>${label}</option>`,
        )}
      </select></label>`;
  }

  /** What keeps every pane from writing: shown once, instead of in each. */
  protected get sharedError(): WireError | null {
    if (this.startError) return this.startError;
    const [first, ...others] = this.panes.map(({ outcome }) => (outcome && "error" in outcome ? outcome.error : null));
    return first && others.length > 0 && others.every((other) => other && isSame(first, other)) ? first : null;
  }

  /** What all panes would be refused for, before they are asked. */
  protected get sharedRefusal(): WireError | null {
    const [first, ...others] = this.panes.map((pane) => this.refusalOf(pane));
    return first && !isUnable(first) && others.every((other) => other && isSame(first, other)) ? first : null;
  }

  /** How each pane that has ended did so, for screen readers. */
  protected get announcement(): string {
    const ended = this.panes.filter(({ outcome, isBusy }) => outcome && !isBusy);
    return ended.map(({ label, status, tally }) => `${label}: ${status}, ${tally.tokens} tokens.`).join(" ");
  }

  /** The three models as written on the element. */
  protected get modelSet(): ModelSet {
    return { target: this.target, draft: this.draft, diffusion: this.diffusion };
  }

  /** Writes on from `prompt` (default: the property) in every pane; a run under way is stopped first. Never rejects. */
  generate(prompt?: string): Promise<PaneOutcomes> {
    if (prompt !== undefined) this.prompt = prompt;
    const call = ++this.latestCall;
    const previous = this.current;
    this.cancelPanes();
    this.busy = true;
    this.current = (async () => {
      const outcomes = await previous;
      // Which models a pane needs is in the decoders' tables.
      if (this.decoderInfos.length === 0) await this.introduce();
      return call === this.latestCall ? this.race() : outcomes;
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

  onPaneEvent(pane: Pane, event: GenerationEvent): void {
    const detail: PaneEventDetail = { pane: pane.name, event };
    this.dispatch("triptych-event", detail);
  }

  onPaneError(pane: Pane, error: WireError): void {
    this.dispatch("triptych-error", { pane: pane.name, ...error });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("keydown", this.onKey);
    this.addEventListener("focusin", this.onTouch);
    void this.introduce();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener("keydown", this.onKey);
    this.removeEventListener("focusin", this.onTouch);
    // Later, and only if it is still gone: moving an element disconnects and connects it.
    setTimeout(async () => {
      if (this.isConnected) return;
      await this.stop();
      for (const pane of this.panes) pane.release();
    });
  }

  /** The default of an option that all decoders have; `undefined` until the worker has listed them. */
  defaultOf(option: string): unknown {
    return this.decoderInfos[0]?.options[option]?.default;
  }

  /** What holds for every pane: the element's options, its attributes, and whether the prompt has holes. */
  private given(prompt = this.prompt): Record<string, unknown> {
    const attributes = { max_new_tokens: this.maxNewTokens, temperature: this.temperature, seed: this.seed };
    return { ...this.options, ...withoutUndefined(attributes), ...(hasHoles(prompt) ? { infill: true } : {}) };
  }

  /** What a decoder's plan depends on: the models at hand, what holds for every pane, and what is set for this decoder. */
  protected planRequest(decoder: string, chosen: Chosen, prompt = this.prompt): PlanRequest {
    const { common } = this.setOptions(decoder);
    const given = { ...this.given(prompt), ...common };
    // A prompt with holes is refused by the run itself, in words of its own.
    if (!this.takes(decoder, "infill")) delete given.infill;
    const judge = this.energy === "draft" ? "draft" : "target";
    return { decoder, models: this.modelsAtHand(), prefer: preferences(judge), given, chosen: { ...chosen } };
  }

  /** Whether a decoder has an option. */
  protected takes(decoder: string, option: string): boolean {
    return this.decoderInfos.some(({ name, options }) => name === decoder && option in options);
  }

  /** The models that a pane writes with, the main one first. Throws where none at hand can. */
  protected castFor({ decoder }: Pane, prompt: string): Promise<ModelRef[]> {
    return this.castWith(decoder, this.setOptions(decoder).own, prompt);
  }

  /** The models that a decoder would write with under these options of its own. */
  protected async castWith(decoder: string, chosen: Chosen, prompt: string): Promise<ModelRef[]> {
    const request = this.planRequest(decoder, chosen, prompt);
    return castModels(await planOf({ ...request, isBrief: true }), request.models, request.prefer);
  }

  /** What must be asked for every decoder that could be chosen. */
  private planRequests(): PlanRequest[] {
    try {
      return this.decoderInfos.map(({ name }) => this.planRequest(name, this.setOptions(name).own));
    } catch {
      // An address that is none says so when it is loaded.
      return [];
    }
  }

  /** Why the options of a pane would be refused as they are; null where they wouldn't, or isn't known. */
  protected refusalOf({ decoder }: Pane): WireError | null {
    return this.plans.of(decoder)?.refusal ?? null;
  }

  protected override willUpdate(): void {
    this.focused = this.shadowRoot?.activeElement ?? null;
  }

  protected override updated(): void {
    if (this.isTouched && this.decoderInfos.length > 0) void this.plans.refresh(this.planRequests());
    // A disabled button loses the focus, and the keys of this element with it: hand it to its counterpart.
    if (!(this.focused instanceof HTMLButtonElement) || !this.focused.disabled) return;
    this.shadowRoot?.querySelector<HTMLButtonElement>(".act button:enabled")?.focus();
  }

  /** Called when every pane's models are there, before any writes: what has to be measured is no part of the race. */
  protected async prepare(): Promise<void> {}

  /** Called when every pane has ended, before `triptych-done`. */
  protected onRaceEnd(): void {}

  /** Asks what the controls show. No worker starts for it: the page may still say how to make one. */
  private async introduce(): Promise<void> {
    // Known without a worker; that there is no adapter shows once one is asked for.
    if (!navigator.gpu) this.startError = toWire(new UnsupportedDeviceError("navigator.gpu is missing on this page."));
    this.decoderInfos = await listDecoders();
  }

  private async nameAdapter(): Promise<void> {
    try {
      this.adapterReport = await adapter();
      this.startError = null;
    } catch (error) {
      this.startError = toWire(error);
    }
  }

  /** Plays the recorded run in all panes, until it ends or is stopped. Never rejects. */
  protected playRecording(): Promise<unknown> {
    const call = ++this.latestCall;
    const previous = this.current;
    this.cancelPanes();
    this.busy = true;
    this.current = (async () => {
      const outcomes = await previous;
      try {
        // Loaded where it is asked for: most pages show none.
        const { inTime, readRecording } = await import("./recording.js");
        const recorded = await readRecording(this.recording ?? "");
        if (call !== this.latestCall) return outcomes;
        this.recorded = recorded;
        const { panes, prompt } = recorded;
        await Promise.all(
          this.panes.map((pane) => pane.playBack((signal) => inTime(panes[pane.name] ?? [], signal), prompt)),
        );
        this.onRaceEnd();
      } catch (error) {
        this.startError = toWire(error);
      }
      if (call === this.latestCall) this.busy = false;
      return outcomes;
    })();
    return this.current;
  }

  /** What keeps all panes from writing, with the recorded run where there is one; or what that is. */
  protected renderShared(): TemplateResult | typeof nothing {
    if (this.recorded) return renderRecorded(this.recorded);
    const { sharedError } = this;
    if (!sharedError) return nothing;
    const hasRecording = this.recording && sharedError.code === "unsupported_device";
    return html`${renderError(sharedError)}${
      hasRecording
        ? html`<p><button type="button" @click=${() => this.playRecording()}>Look at a recorded run</button></p>`
        : nothing
    }`;
  }

  private async race(): Promise<PaneOutcomes> {
    const { prompt } = this;
    this.busy = true;
    this.recorded = null;
    // All start together once the last model is there, so that the wall clock is fair.
    await Promise.all(this.panes.map((pane) => pane.load(() => this.castFor(pane, prompt), prompt)));
    if (!this.adapterReport) void this.nameAdapter();
    await this.prepare();
    await Promise.all(
      this.panes
        .filter((pane) => pane.isBusy)
        .map((pane) => {
          const options = { ...this.given(prompt), ...this.ownOptions(pane) };
          return pane.write({ prompt, options });
        }),
    );
    const outcomes: PaneOutcomes = {};
    for (const { name, outcome } of this.panes) if (outcome) outcomes[name] = outcome;
    this.onRaceEnd();
    this.busy = false;
    this.dispatch("triptych-done", outcomes);
    return outcomes;
  }

  private cancelPanes(): void {
    for (const pane of this.panes) pane.cancel();
  }

  private dispatch(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  private readonly onTouch = (): void => this.touch();

  /** From now on the menus are kept up to date. */
  protected touch(): void {
    if (this.isTouched) return;
    this.isTouched = true;
    this.requestUpdate();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.generate();
    } else if (event.key === "Escape" && this.busy) {
      event.preventDefault();
      void this.stop();
    }
  };
}
