import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { toWire, type WireError } from "../errors.js";
import type { GenerationEvent } from "../events.js";
import { hasHoles } from "../holes.js";
import { type AdapterReport, adapter, type DecoderInfo, listDecoders } from "../worker/client.js";
import type { ModelSet, Role } from "./model-set.js";
import type { Pane, PaneEventDetail, PaneHost, PaneOutcomes } from "./pane.js";

const numeric = {
  // Not a number stays NaN, so that the decoder's own check names the option; only "not given" is undefined.
  fromAttribute: (text: string | null) => (text === null || text.trim() === "" ? undefined : Number(text)),
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
  };

  /** Text to write on from. */
  declare prompt: string;
  /** Base URL of the embedded family (`story-ar`, `story-draft`, `story-diffusion`). */
  declare models: string | undefined;
  declare target: string | undefined;
  declare draft: string | undefined;
  declare diffusion: string | undefined;
  declare maxNewTokens: number | undefined;
  declare temperature: number | undefined;
  declare seed: number | undefined;
  /** Which model weighs what a diffusion pane with `energy_candidates` draws: `target` or `draft`, both autoregressive. */
  declare energy: EnergyRole;
  /** Further options for every pane, by the names that `listDecoders()` gives. */
  declare options: Record<string, unknown>;
  declare protected decoderInfos: readonly DecoderInfo[];
  declare protected adapterReport: AdapterReport | null;
  declare protected startError: WireError | null;
  /** Whether a generation is on its way. */
  declare busy: boolean;

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
  }

  /** Absolute URLs of the pane's models, the main one first. Throws when one isn't set. */
  protected abstract urlsFor(pane: Pane): string[];

  /** Options that only this pane takes. */
  protected abstract ownOptions(pane: Pane): Record<string, unknown>;

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
    void this.introduce();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener("keydown", this.onKey);
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

  protected override willUpdate(): void {
    this.focused = this.shadowRoot?.activeElement ?? null;
  }

  protected override updated(): void {
    // A disabled button loses the focus, and the keys of this element with it: hand it to its counterpart.
    if (!(this.focused instanceof HTMLButtonElement) || !this.focused.disabled) return;
    this.shadowRoot?.querySelector<HTMLButtonElement>(".act button:enabled")?.focus();
  }

  /** Called when every pane has ended, before `triptych-done`. */
  protected onRaceEnd(): void {}

  /** Asks what the controls show. No worker starts for it: the page may still say how to make one. */
  private async introduce(): Promise<void> {
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

  private async race(): Promise<PaneOutcomes> {
    const { prompt } = this;
    this.busy = true;
    const infill = hasHoles(prompt) ? { infill: true } : {};
    const attributes = { max_new_tokens: this.maxNewTokens, temperature: this.temperature, seed: this.seed };
    // All start together once the last model is there, so that the wall clock is fair.
    await Promise.all(this.panes.map((pane) => pane.load(() => this.urlsFor(pane), prompt)));
    if (!this.adapterReport) void this.nameAdapter();
    await Promise.all(
      this.panes
        .filter((pane) => pane.isBusy)
        .map((pane) => {
          const options = { ...this.options, ...withoutUndefined(attributes), ...this.ownOptions(pane), ...infill };
          return pane.write(this.urlsFor(pane), { prompt, options });
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

function withoutUndefined(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
