// Over 300 lines: one element, whose runs, settings and pictures share one state.
import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { toWire, UnsupportedDeviceError, type WireError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import { hasHoles } from "../vocabulary/holes.js";
import { type AdapterReport, adapter, type DecoderInfo, listDecoders, type ModelRef } from "../worker/client.js";
import type { Chosen } from "../vocabulary/chosen.js";
import { type MenuRequest, Menus, withoutUndefined } from "./menus.js";
import { renderError, renderRecorded } from "./error-note.js";
import { readNumber } from "./number-field.js";
import type { Recording } from "./recording.js";
import type { ModelSet, Role } from "./model-set.js";
import { isSame, isUnable, type Pane, type PaneEventDetail, type PaneHost, type PaneOutcomes } from "./pane.js";

const numeric = {
  // A text that is no number stays, so that the decoder's own check names it; only "not given" is undefined.
  fromAttribute: (text: string | null) => readNumber(text ?? ""),
};

/** The models that may weigh, and their words. */
const ENERGY_ROLES = { target: "the autoregressive model", draft: "the draft model" } as const satisfies Partial<
  Record<Role, string>
>;
type EnergyRole = keyof typeof ENERGY_ROLES;

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
  declare energy: EnergyRole;
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

  /** The pane's models, the main one first. Throws when one isn't set. */
  protected abstract refsFor(pane: Pane): ModelRef[];

  /** Options that a person has set for this pane: those of its decoder alone, and those that every decoder takes. */
  protected abstract setOptions(pane: Pane, decoder?: string): { common: Chosen; own: Chosen };

  /** The model of a role; undefined where the set has none. */
  protected abstract findModel(role: Role): ModelRef | undefined;

  /** What can be chosen in each decoder's menus; empty until someone has touched the element. */
  protected readonly menus = new Menus(() => this.requestUpdate());
  private isTouched = false;

  /** Options that only this pane takes. */
  private ownOptions(pane: Pane): Record<string, unknown> {
    const { common, own } = this.setOptions(pane);
    return { ...common, ...own };
  }

  /** The model that a speculative pane drafts with; null where its drafter does without. */
  protected draftRole(pane: Pane): Role | null {
    const info = this.decoderInfos.find(({ name }) => name === pane.decoder);
    const { drafter = info?.options.drafter?.default } = { ...this.options, ...this.ownOptions(pane) };
    if (!info) return "draft";
    const reading = info.modelDrafters[String(drafter)];
    return reading ? (reading === "blocks" ? "diffusion" : "draft") : null;
  }

  /** The model that weighs what a diffusion pane's draws; null where nothing is weighed. */
  protected energyRole(pane: Pane): Role | null {
    const { energy_candidates, energyCandidates = energy_candidates } = { ...this.options, ...this.ownOptions(pane) };
    if (!pane.decoder.includes("diffusion") || !(Number(energyCandidates ?? 1) > 1)) return null;
    return this.energy === "draft" ? "draft" : "target";
  }

  /** The choice of that model, where one is asked. */
  protected renderEnergy(pane: Pane): TemplateResult | typeof nothing {
    if (!this.energyRole(pane)) return nothing;
    return html`<label class="field"><span>Weighed by</span>
      <select name="energy" @change=${(event: Event) => {
        this.energy = (event.target as HTMLSelectElement).value as EnergyRole;
      }}>
        ${Object.entries(ENERGY_ROLES).map(
          ([role, label]) => html`<option value=${role} ?selected=${role === this.energy}>${label}</option>`,
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

  /** The three roles as written on the element. */
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

  /** The decoders that a pane may write with: those that fill masks, or those that draft, as its own does. */
  protected kin({ decoder }: Pane): DecoderInfo[] {
    const kindOf = ({ options }: DecoderInfo) => `${"infill" in options} ${"drafter" in options}`;
    const own = this.decoderInfos.find(({ name }) => name === decoder);
    return own ? this.decoderInfos.filter((info) => kindOf(info) === kindOf(own)) : [];
  }

  /** What the menus must be asked for, for every decoder that could be chosen. */
  private menuRequests(): MenuRequest[] {
    const drafts = withoutUndefined({ causal: this.findModel("draft"), blocks: this.findModel("diffusion") });
    return this.panes.flatMap((pane) =>
      this.kin(pane).flatMap(({ name, options }): MenuRequest[] => {
        const isFiller = "infill" in options;
        const model = this.findModel(isFiller ? "diffusion" : "target");
        if (model === undefined) return [];
        const { common, own } = this.setOptions(pane, name);
        const weighed = withoutUndefined({ causal: this.findModel(this.energy === "draft" ? "draft" : "target") });
        const given = { ...this.given(), ...common };
        if (!isFiller) delete given.infill;
        return [{ decoder: name, model, drafts: isFiller ? weighed : drafts, given, chosen: { ...own } }];
      }),
    );
  }

  /** Why the options of a pane would be refused as they are; null where they wouldn't, or isn't known. */
  protected refusalOf({ decoder }: Pane): WireError | null {
    return this.menus.of(decoder)?.refusal ?? null;
  }

  protected override willUpdate(): void {
    this.focused = this.shadowRoot?.activeElement ?? null;
  }

  protected override updated(): void {
    if (this.isTouched && this.decoderInfos.length > 0) void this.menus.refresh(this.menuRequests());
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
    await Promise.all(this.panes.map((pane) => pane.load(() => this.refsFor(pane), prompt)));
    if (!this.adapterReport) void this.nameAdapter();
    await this.prepare();
    await Promise.all(
      this.panes
        .filter((pane) => pane.isBusy)
        .map((pane) => {
          const options = { ...this.given(prompt), ...this.ownOptions(pane) };
          return pane.write(this.refsFor(pane), { prompt, options });
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
