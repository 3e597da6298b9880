import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { AUTO } from "../vocabulary/device.js";
import type { Chosen } from "../vocabulary/chosen.js";
import { asNumber } from "../vocabulary/number-text.js";
import type { DecoderInfo, Offers } from "../worker/client.js";
import type { Settings } from "./address.js";
import { AddressKeeper } from "./address-keeper.js";
import { renderClocks } from "./clocks.js";
import { compareIds } from "./compare-ids.js";
import { renderOptions, SHARED, splitOptions } from "./controls.js";
import { BY_COSTS, COMPARED, PLAIN } from "./default-panes.js";
import { renderDesk } from "./desk.js";
import { DevicePanel, firstTokensOf } from "./device-panel.js";
import { MEASURED, renderFastest } from "./fastest.js";
import { FastestHere } from "./fastest-here.js";
import { renderFoot } from "./foot.js";
import { differences, isSameTask, optionsHere, renderHere, setHere } from "./here.js";
import { Late } from "./late.js";
import { renderLegend } from "./legend.js";
import { OWN, renderModelMenu } from "./model-menu.js";
import { FAMILIES, MODEL_NAMES, modelOf, type Models, modelsOf } from "./model-set.js";
import { type Casting, Pane } from "./pane.js";
import { PaneElement } from "./pane-element.js";
import { isUnable } from "./pane-outcome.js";
import { renderPane } from "./pane-view.js";
import { style } from "./style.js";

/**
 * `<triptych-compare>`: three decoders write on from one prompt, side by side.
 * Attributes: `prompt`, `models` or `target` + `draft` + `diffusion`, `max-new-tokens`, `temperature`, `seed`, `energy`, `device`, `address` (keeps
 * the settings in the page's address), `recording` (URL of a recorded run, offered where there is no GPU).
 * Parts: `pane`, `prompt`, `text`, `metrics`, `summary`, `clocks`, `controls`, `legend`, `replay`, `rounds`, `device`, `badge`, `fidelity`, `bound`, `here`, `error`.
 * Custom properties: see `style.ts`.
 */
export class CompareElement extends PaneElement {
  static override styles = style;
  static override properties: PropertyDeclarations = {
    address: { type: Boolean },
    common: { state: true },
    family: { state: true },
    leftOut: { state: true },
  };

  /** Keeps prompt, seed and options in the page's address, so that they survive a reload and can be shared. */
  declare address: boolean;
  /** What the address held besides. */
  declare private leftOut: readonly string[];
  /** Options that a person has set for every pane, beside the prompt's. */
  declare private common: Chosen;
  declare private family: string;
  protected readonly panes = COMPARED.map(({ name, label, decoder }) => new Pane(name, label, decoder, this));

  private readonly devicePanel = new DevicePanel(this);
  private readonly summary = new Late(this, () => import("./summary.js"));
  private readonly addressKeeper: AddressKeeper;
  private readonly fastestHere = new FastestHere(this.panes);

  constructor() {
    super();
    this.common = {};
    this.family = "story";
    this.address = false;
    this.leftOut = [];
    this.addressKeeper = new AddressKeeper(this, {
      isKept: () => this.address,
      tables: () => this.decoderInfos,
      decoders: COMPARED.map(({ decoder }) => decoder),
      settings: () => this.settings,
      take: (settings, refused) => this.take(settings, refused),
    });
  }

  protected override settle(): Promise<void> {
    return this.addressKeeper.settle();
  }

  private take({ chosen, panes = [], ...settings }: Settings, refused: readonly string[]): void {
    this.prompt = settings.prompt ?? this.prompt;
    this.maxNewTokens = settings.max_new_tokens ?? this.maxNewTokens;
    this.temperature = settings.temperature ?? this.temperature;
    this.seed = settings.seed ?? this.seed;
    this.family = settings.models ?? this.family;
    this.device = settings.device ?? this.device;
    this.common = { ...this.common, ...chosen[SHARED] };
    this.leftOut = refused;
    for (const [i, pane] of this.panes.entries()) {
      if (panes[i]) pane.become(panes[i], this.labelOf(i, panes[i]));
      // Addresses once held options by decoder, for every pane that has it.
      for (const { name } of this.decoderInfos) this.replace(pane, name, chosen[name]);
      const mine = Object.entries(chosen[i + 1] ?? {});
      const here = new Set(optionsHere(this.decoderInfos, pane.decoder).map(([name]) => name));
      this.replace(pane, SHARED, Object.fromEntries(mine.filter(([name]) => here.has(name))));
      this.replace(pane, pane.decoder, Object.fromEntries(mine.filter(([name]) => !here.has(name))));
    }
    // What is wrong with it is said at once.
    if (location.search !== "") this.touch();
  }

  private replace(pane: Pane, group: string, chosen: Chosen = {}): void {
    if (Object.keys(chosen).length > 0) pane.choose(group, chosen);
  }

  /** What differs from the element's own attributes. */
  private get settings(): Settings {
    const own = (name: string, value: number | string | undefined) =>
      String(value ?? "") === (this.getAttribute(name) ?? "") ? undefined : value;
    const isDefault = this.panes.every(({ decoder }, i) => decoder === COMPARED[i].decoder);
    const chosenOf = (pane: Pane) => ({
      ...setHere(pane, this.decoderInfos),
      ...(this.fastestHere.isIn(pane) ? {} : pane.chosenOf(pane.decoder)),
    });
    return {
      prompt: own("prompt", this.prompt) as string | undefined,
      max_new_tokens: own("max-new-tokens", this.maxNewTokens),
      temperature: own("temperature", this.temperature),
      seed: own("seed", this.seed),
      models: this.family === "story" || this.isOwnSet ? undefined : this.family,
      device: this.device === (this.getAttribute("device") ?? AUTO) ? undefined : this.device,
      panes: isDefault ? undefined : this.panes.map(({ decoder }) => decoder),
      chosen: {
        [SHARED]: this.common,
        ...Object.fromEntries(this.panes.map((pane, i) => [i + 1, chosenOf(pane)])),
      },
    };
  }

  protected setOptions(pane: Pane): { common: Chosen; here: Chosen; own: Chosen } {
    return { common: this.common, here: setHere(pane, this.decoderInfos), own: pane.chosenOf(pane.decoder) };
  }

  protected modelsAtHand(): Models {
    return modelsOf(this.modelSet, this.models, this.device, this.family);
  }

  /** Which of them drafts is measured on the model that may, so that it is loaded as well. */
  protected override async castFor(pane: Pane, prompt: string): Promise<Casting> {
    if (!this.fastestHere.isIn(pane)) return super.castFor(pane, prompt);
    const pair = await super.castFor(pane, prompt, { ...this.setOptions(pane), own: MEASURED }).catch(() => null);
    return pair && this.fastestHere.isToMeasure(pair.refs) ? pair : super.castFor(pane, prompt);
  }

  protected override willUpdate(): void {
    if (this.busy) return;
    try {
      this.fastestHere.keepOnly(this.modelsAtHand());
    } catch {
      // An address that is none says so when it is loaded.
    }
  }

  protected override async prepare(signal: AbortSignal): Promise<void> {
    const panes = this.panes.filter((pane) => pane.isBusy && this.fastestHere.isIn(pane));
    const [first] = panes;
    if (!first || !this.fastestHere.isToMeasure(first.casting.refs)) return;
    for (const pane of this.panes) if (pane.isBusy) pane.waitFor("Timing what forwards cost, to choose drafts by");
    if (!(await this.fastestHere.measure(first.casting.refs, signal))) return;
    // What was chosen may do without the model that it was measured with.
    for (const pane of panes) pane.recast(await this.castFor(pane, this.prompt).catch(() => pane.casting));
  }

  protected override onRaceEnd(): void {
    const plain = this.panes.find(({ decoder }) => decoder === PLAIN);
    for (const pane of this.panes) {
      // A verifier that keeps the law alone writes another text, and so do other options: that is no fault of it.
      const claimsIdentity = plain && pane !== plain && pane.fidelity === "identical";
      const isAsked = claimsIdentity && isSameTask(plain, pane, this.decoderInfos);
      pane.badge = isAsked ? compareIds(plain.outcome, pane.outcome) : null;
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
    const length = asNumber(this.maxNewTokens ?? this.defaultOf("max_new_tokens"));
    const note = this.isOwnSet ? "" : FAMILIES[this.family].note;
    return html`
      ${renderDesk(this, html`${this.renderModels()}${this.renderDeviceMenu()}`, this.renderSampling(common), this.sharedRefusal)}
      ${
        this.leftOut.length > 0
          ? html`<div class="calm left-out" role="status">Left out of what the address asks for:
              <ul>${this.leftOut.map((one) => html`<li>${one}</li>`)}</ul></div>`
          : nothing
      }
      ${this.renderRunsOn()} ${this.renderShared()}
      <div class="panes">
        ${this.panes.map((pane) => renderPane(pane, length, this.renderOwn(pane, own.get(pane.decoder) ?? []), shared))}
      </div>
      ${this.panes.every(({ outcome }) => outcome) ? this.summary.part?.renderSummary(this.panes, this.recorded === null) : nothing}
      ${renderClocks(this.panes)} ${this.renderRounds()} ${renderLegend()}
      ${this.devicePanel.render(this.findTarget, firstTokensOf(this.panes))}
      ${renderFoot(note, differences(this.panes, this.decoderInfos))}
      <div class="unseen" role="status">${this.announcement}</div>
    `;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.devicePanel.cancel();
  }

  /** The model whose forwards are measured. */
  private readonly findTarget = () => modelOf(this.modelsAtHand(), "target");

  private get isOwnSet(): boolean {
    return this.family === OWN || Object.values(this.modelSet).some(Boolean);
  }

  private renderRounds() {
    const plain = this.panes.find(({ decoder }) => decoder === PLAIN);
    const drafting = this.panes.find(({ rounds }) => rounds.drafting) ?? this.panes[0];
    // Compared once both are done: figures of runs that go on change with every token.
    const rate = ({ state, tally }: Pane) => (state === "done" ? tally.tokensPerSecond : null);
    return this.roundsOf(drafting.rounds, {
      tokensPerSecond: rate(drafting),
      plainTokensPerSecond: plain ? rate(plain) : null,
      measuredCosts: this.devicePanel.costsOf(this.findTarget),
      costsHint: "choose the draft length “adaptive”, or for a drafter without a model measure this device below",
    });
  }

  private renderSampling(options: [string, DecoderInfo["options"][string]][]) {
    return renderOptions({
      title: "Sampling",
      options,
      chosen: this.common,
      offers: this.commonOffers,
      onChange: (chosen) => {
        this.common = chosen;
      },
    });
  }

  /** What can be set for every pane: closed is what is closed in all of them. */
  private get commonOffers(): Offers | null {
    const [first, ...others] = this.panes.map(({ name }) => this.plans.of(name));
    if (!first) return null;
    const closed = Object.entries(first.closed).filter(([name]) => others.every((plan) => plan && name in plan.closed));
    return { refusal: this.sharedRefusal, closed: Object.fromEntries(closed), values: {} };
  }

  private renderOwn(pane: Pane, options: [string, DecoderInfo["options"][string]][]): TemplateResult {
    const { decoder } = pane;
    const plan = this.plans.of(pane.name);
    const refusal = this.refusalOf(pane);
    const about = this.decoderInfos.find(({ name }) => name === decoder)?.about;
    const first = html`${about ? html`<p class="about">${about}</p>` : nothing}${this.renderJudge(pane)}`;
    const isOwn = refusal && refusal.message !== this.sharedRefusal?.message && !isUnable(refusal);
    const onChange = (chosen: Chosen) => pane.choose(decoder, chosen);
    const chosen = pane.chosenOf(decoder);
    const here = {
      page: { ...this.inherited, ...this.common },
      leftOut: plan?.leftOut ?? pane.casting.leftOut,
      offers: plan,
    };
    return html`${this.renderDecoderMenu(pane)}${this.ordersOf(pane)}${
      decoder === BY_COSTS.decoder ? renderFastest(this.fastestHere.fastest, chosen, onChange) : nothing
    }${renderOptions({ title: "Options", options, chosen, offers: plan, onChange, first })}${renderHere(pane, this.decoderInfos, here)}${
      isOwn ? html`<p class="calm refusal" role="status">${refusal.message}</p>` : nothing
    }`;
  }

  private renderModels(): TemplateResult {
    return renderModelMenu(this.isOwnSet ? OWN : this.family, this.modelSet, {
      hasFamilies: Boolean(this.models),
      onChoice: (family) => {
        this.family = family;
        // A family replaces the addresses that were typed; the page's own attributes come back with "own addresses".
        for (const name of MODEL_NAMES)
          this[name] = family === OWN ? (this.getAttribute(name) ?? undefined) : undefined;
      },
      onAddress: (name, address) => {
        this[name] = address;
      },
    });
  }
}
