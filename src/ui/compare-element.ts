import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { renderClocks } from "./clocks.js";
import { BY_COSTS, COMPARED, PLAIN } from "./default-panes.js";
import { compareIds } from "./compare-ids.js";
import type { Chosen } from "../vocabulary/chosen.js";
import { renderOptions, SHARED, splitOptions } from "./controls.js";
import { renderDesk } from "./desk.js";
import { DevicePanel, type FirstToken } from "./device-panel.js";
import { deviceStyle } from "./device-style.js";
import { type Fastest, findFastest, MEASURED, renderFastest, UNMEASURED } from "./fastest.js";
import { renderLegend } from "./legend.js";
import { FAMILIES, MODEL_NAMES, modelOf, type Models, modelsOf } from "./model-set.js";
import { Orders, ordersStyle } from "./orders.js";
import { Pane } from "./pane.js";
import { isUnable } from "./pane-outcome.js";
import { renderPane } from "./pane-view.js";
import { type DecoderInfo, keyOf, type ModelRef } from "../worker/client.js";
import { PaneElement } from "./pane-element.js";
import { renderFoot } from "./foot.js";
import { renderRounds } from "./rounds-panel.js";
import { roundsStyle } from "./rounds-style.js";
import { style } from "./style.js";

const OWN = "own";

/**
 * `<triptych-compare>`: three decoders write on from one prompt, side by side.
 * Attributes: `prompt`, `models` or `target` + `draft` + `diffusion`, `max-new-tokens`, `temperature`, `seed`, `energy`, `address` (keeps
 * the settings in the page's address), `recording` (URL of a recorded run, offered where there is no GPU).
 * Parts: `pane`, `prompt`, `text`, `metrics`, `clocks`, `controls`, `legend`, `replay`, `rounds`, `device`, `badge`, `fidelity`, `bound`, `error`.
 * Custom properties: see `style.ts`.
 */
export class CompareElement extends PaneElement {
  static override styles = [style, deviceStyle, roundsStyle, ordersStyle];
  static override properties: PropertyDeclarations = {
    address: { type: Boolean },
    chosen: { state: true },
    family: { state: true },
    leftOut: { state: true },
  };

  /** Keeps prompt, seed and options in the page's address, so that they survive a reload and can be shared. */
  declare address: boolean;
  /** What the address held besides. */
  declare private leftOut: readonly string[];
  private hasRead = false;
  /** Loaded where it is asked for: most pages keep nothing. */
  private format: typeof import("./address.js") | null = null;
  private writing: ReturnType<typeof setTimeout> | undefined;

  declare private chosen: Record<string, Chosen>;
  declare private family: string;
  protected readonly panes = COMPARED.map(({ name, label, decoder }) => new Pane(name, label, decoder, this));

  private readonly orders = new Orders(this);
  private readonly device = new DevicePanel(this);
  /** What the decoder whose drafter goes by costs has unless a person chooses, and the models that it was measured for. */
  private fastest: Fastest = UNMEASURED;
  private measuredFor = "";

  constructor() {
    super();
    this.chosen = { [BY_COSTS.decoder]: UNMEASURED.options };
    this.family = "story";
    this.address = false;
    this.leftOut = [];
  }

  protected override willUpdate(): void {
    if (this.address && !this.hasRead && this.decoderInfos.length > 0) void this.readAddress();
  }

  protected override updated(): void {
    super.updated();
    if (!this.address || !this.hasRead) return;
    clearTimeout(this.writing);
    // Browsers bound how often an address may change.
    this.writing = setTimeout(() => this.writeAddress(), 300);
  }

  private async readAddress(): Promise<void> {
    this.hasRead = true;
    this.format = await import("./address.js");
    const { fromParameters } = this.format;
    const { settings, refused } = fromParameters(new URLSearchParams(location.search), this.decoderInfos);
    const { prompt, max_new_tokens, temperature, seed, models, panes = [], chosen } = settings;
    this.prompt = prompt ?? this.prompt;
    this.maxNewTokens = max_new_tokens ?? this.maxNewTokens;
    this.temperature = temperature ?? this.temperature;
    this.seed = seed ?? this.seed;
    this.family = models ?? this.family;
    this.chosen = { ...this.chosen, ...chosen };
    this.leftOut = refused;
    for (const [i, pane] of this.panes.entries()) if (panes[i]) pane.become(panes[i], this.labelOf(i, panes[i]));
    // What is wrong with it is said at once.
    if (location.search !== "") this.touch();
  }

  /** What differs from the element's own attributes. */
  private writeAddress(): void {
    if (!this.format) return;
    const own = (name: string, value: number | string | undefined) =>
      String(value ?? "") === (this.getAttribute(name) ?? "") ? undefined : value;
    const { [BY_COSTS.decoder]: _, ...others } = this.chosen;
    const isDefault = this.panes.every(({ decoder }, i) => decoder === COMPARED[i].decoder);
    const parameters = this.format.toParameters({
      prompt: own("prompt", this.prompt) as string | undefined,
      max_new_tokens: own("max-new-tokens", this.maxNewTokens),
      temperature: own("temperature", this.temperature),
      seed: own("seed", this.seed),
      models: this.family === "story" || this.isOwnSet ? undefined : this.family,
      panes: isDefault ? undefined : this.panes.map(({ decoder }) => decoder),
      chosen: this.isFastest ? others : this.chosen,
    });
    const search = parameters.size > 0 ? `?${parameters}` : "";
    if (search !== location.search) history.replaceState(history.state, "", location.pathname + search + location.hash);
  }

  protected setOptions(decoder: string): { common: Chosen; own: Chosen } {
    return { common: this.chosen[SHARED] ?? {}, own: this.chosen[decoder] ?? {} };
  }

  protected modelsAtHand(): Models {
    return modelsOf(this.modelSet, this.models, this.family);
  }

  /** Which of them drafts is measured on the model that may, so that it is loaded as well. */
  protected override async castFor(pane: Pane, prompt: string): Promise<ModelRef[]> {
    const { decoder } = pane;
    if (decoder !== BY_COSTS.decoder || !this.isFastest) return super.castFor(pane, prompt);
    const pair = await this.castWith(decoder, MEASURED, prompt).catch(() => null);
    if (!pair || pair.length < 2 || this.measuredFor === keysOf(pair)) return super.castFor(pane, prompt);
    return pair;
  }

  protected override async prepare(): Promise<void> {
    const panes = this.panes.filter(({ decoder, isBusy }) => isBusy && decoder === BY_COSTS.decoder);
    if (panes.length === 0 || !this.isFastest) return;
    const [{ refs }] = panes;
    if (refs.length < 2 || this.measuredFor === keysOf(refs)) return;
    const fastest = await findFastest(refs[0], refs[1]);
    this.measuredFor = keysOf(refs);
    if (this.isFastest) this.chosen = { ...this.chosen, [BY_COSTS.decoder]: fastest.options };
    this.fastest = fastest;
    // What was chosen may do without the model that it was measured with.
    for (const pane of panes) pane.recast(await this.castFor(pane, this.prompt).catch(() => refs));
  }

  /** Whether the decoder whose drafter goes by costs has what is fastest here. */
  private get isFastest(): boolean {
    return this.chosen[BY_COSTS.decoder] === this.fastest.options;
  }

  protected override onRaceEnd(): void {
    const plain = this.panes.find(({ decoder }) => decoder === PLAIN);
    for (const pane of this.panes) {
      // A verifier that keeps the law alone writes another text, and that is no fault of it.
      const claimsIdentity = pane !== plain && pane.fidelity === "identical";
      pane.badge = plain && claimsIdentity ? compareIds(plain.outcome, pane.outcome) : null;
    }
  }

  protected onDecoder(pane: Pane, decoder: string): void {
    pane.become(decoder, this.labelOf(this.panes.indexOf(pane), decoder));
  }

  /** What a pane is called that has this decoder: by its place's own name where that is the decoder it begins with. */
  private labelOf(place: number, decoder: string): string {
    const { label, decoder: first } = COMPARED[place];
    const info = this.decoderInfos.find(({ name }) => name === decoder);
    return decoder === first ? label : (info?.label ?? decoder);
  }

  protected override render(): TemplateResult {
    const { common, own } = splitOptions(this.decoderInfos);
    const shared = this.sharedError;
    const length = Number(this.maxNewTokens ?? this.defaultOf("max_new_tokens"));
    return html`
      ${renderDesk(this, this.renderModels(), this.renderMore("Sampling", SHARED, common), this.sharedRefusal)}
      ${
        this.leftOut.length > 0
          ? html`<div class="calm left-out" role="status">Left out of what the address asks for:
              <ul>${this.leftOut.map((one) => html`<li>${one}</li>`)}</ul></div>`
          : nothing
      }
      ${this.renderShared()}
      <div class="panes">
        ${this.panes.map((pane) => renderPane(pane, length, this.renderOwn(pane, own.get(pane.decoder) ?? []), shared))}
      </div>
      ${renderClocks(this.panes)} ${this.renderRounds()} ${renderLegend()}
      ${this.device.render(() => modelOf(this.modelsAtHand(), "target"), this.firstTokens)}
      ${renderFoot(this.adapterReport, this.isOwnSet ? "" : FAMILIES[this.family].note)}
      <div class="unseen" role="status">${this.announcement}</div>
    `;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.writing);
    this.device.cancel();
  }

  /** Of every model that was loaded; a draft model writes no token of its own. */
  private get firstTokens(): FirstToken[] {
    const models = new Map<string, FirstToken>();
    for (const { modelInfos, tally } of this.panes) {
      modelInfos.forEach(({ ref, name, load }, i) => {
        if (!models.has(keyOf(ref)))
          models.set(keyOf(ref), { name, load, firstTokenMs: i === 0 ? tally.firstTokenMs : null });
      });
    }
    return [...models.values()];
  }

  private get isOwnSet(): boolean {
    return this.family === OWN || Object.values(this.modelSet).some(Boolean);
  }

  private renderRounds() {
    const plain = this.panes.find(({ decoder }) => decoder === PLAIN);
    const drafting = this.panes.find(({ rounds }) => rounds.drafting) ?? this.panes[0];
    // Compared once both are done: figures of runs that go on change with every token.
    const rate = ({ state, tally }: Pane) => (state === "done" ? tally.tokensPerSecond : null);
    return renderRounds(drafting.rounds, {
      tokensPerSecond: rate(drafting),
      plainTokensPerSecond: plain ? rate(plain) : null,
      measuredCosts: this.device.costs,
      costsHint: "choose the draft length “adaptive”, or for a drafter without a model measure this device below",
    });
  }

  private renderMore(title: string, name: string, options: [string, DecoderInfo["options"][string]][]) {
    return renderOptions({
      title,
      options,
      chosen: this.chosen[name] ?? {},
      // What every decoder takes is closed in all of them, or in none.
      offers: this.plans.of(this.panes[0].decoder),
      onChange: (chosen) => {
        this.chosen = { ...this.chosen, [name]: chosen };
      },
    });
  }

  private renderSetting(): TemplateResult {
    return renderFastest(this.fastest, this.chosen[BY_COSTS.decoder] ?? {}, (chosen) => {
      this.chosen = { ...this.chosen, [BY_COSTS.decoder]: chosen };
    });
  }

  private renderOwn(pane: Pane, options: [string, DecoderInfo["options"][string]][]): TemplateResult {
    const { decoder } = pane;
    const refusal = this.refusalOf(pane);
    const about = this.decoderInfos.find(({ name }) => name === decoder)?.about;
    const first = html`${about ? html`<p class="about">${about}</p>` : nothing}${this.renderJudge(pane)}`;
    const isOwn = refusal && refusal.message !== this.sharedRefusal?.message && !isUnable(refusal);
    return html`${this.renderDecoderMenu(pane)}${this.orders.render(pane, this.decoderInfos)}${decoder === BY_COSTS.decoder ? this.renderSetting() : nothing}${renderOptions(
      {
        title: "Options",
        options,
        chosen: this.chosen[decoder] ?? {},
        offers: this.plans.of(decoder),
        onChange: (chosen) => {
          this.chosen = { ...this.chosen, [decoder]: chosen };
        },
        first,
      },
    )}${isOwn ? html`<p class="calm refusal" role="status">${refusal.message}</p>` : nothing}`;
  }

  private renderModels(): TemplateResult {
    const choice = this.isOwnSet ? OWN : this.family;
    const families = this.models ? Object.entries(FAMILIES) : [];
    return html`<label class="field wide"><span>Models</span>
        <select @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value)}>
          ${families.map(([name, { label }]) => html`<option value=${name} ?selected=${choice === name}>${label}</option>`)}
          <option value=${OWN} ?selected=${choice === OWN}>own addresses</option>
        </select></label>
      ${
        choice === OWN
          ? MODEL_NAMES.map(
              (role) => html`<label class="field wide"><span>${role} model, URL</span>
                <input type="url" .value=${this[role] ?? ""} @change=${(event: Event) => {
                  this[role] = (event.target as HTMLInputElement).value || undefined;
                }} /></label>`,
            )
          : nothing
      }`;
  }

  private choose(family: string): void {
    this.family = family;
    // A family replaces the addresses that were typed; the page's own attributes come back with "own addresses".
    for (const role of MODEL_NAMES) this[role] = family === OWN ? (this.getAttribute(role) ?? undefined) : undefined;
  }
}

function keysOf(refs: readonly ModelRef[]): string {
  return refs.map(keyOf).join(" ");
}
