import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Chosen } from "../vocabulary/chosen.js";
import type { WireError } from "../vocabulary/errors.js";
import { asNumber } from "../vocabulary/number-text.js";
import type { Settings } from "./address.js";
import { AddressKeeper } from "./address-keeper.js";
import { isAddressed } from "./in-address.js";
import { awardBadges, plainBeside } from "./badges.js";
import { ChartsPanel } from "./charts-panel.js";
import { renderClocks, renderWhy } from "./clocks.js";
import { type Compared, readNames, settingsOf, takeIntoPanes, withSettings } from "./compare-settings.js";
import { commonOptions, type Group, renderOptions, SHARED, splitOptions } from "./controls.js";
import { COMPARED, MOST_PANES } from "./default-panes.js";
import { renderDesk } from "./desk.js";
import { DevicePanel, firstTokensOf } from "./device-panel.js";
import { MEASURED } from "./fastest.js";
import { FastestHere } from "./fastest-here.js";
import { renderFoot } from "./foot.js";
import { differences, setHere } from "./here.js";
import { TourDoor } from "./intro/tour-door.js";
import { Late } from "./late.js";
import { renderLeftOut } from "./left-out.js";
import { renderLegend } from "./legend.js";
import { OWN, renderModelMenu } from "./model-menu.js";
import { FAMILIES, MODEL_NAMES, modelOf, type Models, modelsOf } from "./model-set.js";
import type { Casting, Pane } from "./pane.js";
import { offersOfAll, renderPaneControls } from "./pane-controls.js";
import { PaneElement } from "./pane-element.js";
import { PaneList } from "./pane-list.js";
import { isUnable } from "./pane-outcome.js";
import { PanePlaces } from "./pane-places.js";
import { renderPane } from "./pane-view.js";
import { SharePanel } from "./share-panel.js";
import { style } from "./style.js";
import { paneListWords } from "./words/first.js";

/**
 * `<triptych-compare>`: one to six decoders write on from one prompt, side by side.
 * @tag triptych-compare
 * @attr {string} decoders - Of the panes, one to six, with commas between, as it begins.
 * @attr {boolean} address - Keeps the settings in the page's address. Reflects.
 * @attr {boolean} history - Keeps finished races in the browser, as `address` does. Reflects.
 */
export class CompareElement extends PaneElement {
  static override styles = style;
  static override properties: PropertyDeclarations = {
    address: { type: Boolean, reflect: true },
    history: { type: Boolean, reflect: true },
    common: { state: true },
    family: { state: true },
    leftOut: { state: true },
    decoders: { converter: { fromAttribute: readNames }, noAccessor: true },
  };

  /** Keeps prompt, seed and options in the page's address, so that they survive a reload and can be shared. */
  declare address: boolean;
  /** Keeps finished races in the browser, for the part "Save, share and replay"; so does `address`. */
  declare history: boolean;
  /** What the address held besides. */
  declare private leftOut: readonly string[];
  /** Options that a person has set for every pane, beside the prompt's. */
  declare private common: Chosen;
  declare private family: string;
  private readonly fastestHere = new FastestHere(() => this.panes);
  private readonly list = new PaneList(
    this,
    () => this.decoderInfos,
    (pane) => this.fastestHere.startIn(pane),
  );
  private readonly devicePanel = new DevicePanel(this);
  private readonly charts = new ChartsPanel(this);
  private readonly share = new SharePanel(this);
  private readonly shared = () => ({ element: this, compared: this.compared, infos: this.decoderInfos });
  private readonly summary = new Late(this, () => import("./summary.js"));
  private readonly timeline = new Late(this, async () => new (await import("./timeline/timeline.js")).Timeline(this));
  private readonly tour = new TourDoor(this, () => this.panes, this.timeline);
  private readonly addressKeeper = new AddressKeeper(this, {
    isKept: () => this.address,
    tables: () => this.decoderInfos,
    decoders: () => this.begun,
    settings: () => settingsOf(this.compared, this.decoderInfos),
    takeFirst: (prompt = this.prompt, panes) => {
      this.prompt = prompt;
      if (panes) this.list.become(readNames(panes));
    },
    take: (settings, refused) => this.take(settings, refused),
  });
  /** The decoders that it begins with. */
  private begun = COMPARED.map(({ decoder }) => decoder);
  private readonly places = new PanePlaces(this, this.list);

  constructor() {
    super();
    this.common = {};
    this.family = "story";
    this.address = false;
    this.history = false;
    this.leftOut = [];
    this.list.become(this.begun);
  }

  protected get panes(): readonly Pane[] {
    return this.list.all;
  }

  /** The panes' decoders, in reading order: as the attribute `decoders` ("autoregressive,speculative") if they are set, at most six. */
  get decoders(): readonly string[] {
    return this.panes.map(({ decoder }) => decoder);
  }

  set decoders(names: readonly string[]) {
    this.begun = names.length > 0 ? names.slice(0, MOST_PANES) : COMPARED.map(({ decoder }) => decoder);
    this.list.become(this.begun);
    if (names.length > MOST_PANES) this.leftOut = [paneListWords.tooMany(names.length, MOST_PANES)];
  }

  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await this.addressKeeper.first;
    await super.scheduleUpdate();
  }

  protected override settle(): Promise<void> {
    return this.addressKeeper.settle();
  }

  private take({ chosen, panes, ...settings }: Settings, refused: readonly string[]): void {
    Object.assign(this, withSettings(this, settings));
    this.common = { ...this.common, ...chosen[SHARED] };
    this.leftOut = [...this.leftOut, ...refused];
    this.list.become(panes ?? this.begun);
    takeIntoPanes(this.panes, chosen, this.decoderInfos);
    // What is wrong with it is said at once.
    if (isAddressed()) this.touch();
  }

  private get compared(): Compared {
    const { common, panes, begun: decoders } = this;
    const family = this.family === "story" || this.isOwnSet ? undefined : this.family;
    const ownOf = (pane: Pane) => (this.fastestHere.isIn(pane) ? {} : pane.chosenOf(pane.decoder));
    return { element: this, family, panes, decoders, common, ownOf };
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
    awardBadges(this.panes, this.decoderInfos);
    if (!this.playback && (this.address || this.history)) this.share.keep(this.shared());
  }

  protected onMethod(pane: Pane, decoder: string, options: Chosen): void {
    this.list.change(pane, decoder);
    pane.choose(decoder, options);
  }

  protected override render(): TemplateResult {
    const { common, own } = splitOptions(this.decoderInfos);
    const hasEnded = this.panes.every(({ outcome }) => outcome);
    const length = asNumber(this.maxNewTokens ?? this.defaultOf("max_new_tokens"));
    return html`
      ${renderDesk(this, html`${this.renderModels()}${this.renderDeviceMenu()}`, nothing, this.sharedRefusal)}
      ${renderLeftOut(this.leftOut)}
      ${this.renderNote(this.tour.renderButton())}
      <div class="panes" data-count=${this.panes.length}>
        ${repeat(
          this.panes,
          (pane) => pane,
          (pane) => {
            const buttons = html`${this.renderMethodButton(pane)}${this.places.renderButtons(pane)}`;
            const children = this.renderOwn(pane, own.get(pane.decoder) ?? []);
            return renderPane(pane, length, children, this.sharedError, buttons, this.isSharedOpen);
          },
        )}
        <div class="between">${renderClocks(this.panes)} ${renderLegend()}
          <div class="summary-place">${hasEnded ? this.summary.part?.renderSummary(this.panes, this.playback === null) : nothing}</div>
          ${renderWhy()}</div>
        <div class="for-all">${this.renderSampling(common)} ${this.places.renderAdd((take) => this.pickMethod({ pane: null, take }))}</div>
      </div>
      ${hasEnded ? this.timeline.part?.render(this.panes) : nothing} ${this.renderRounds()}
      ${this.charts.render({ panes: this.panes, measured: this.devicePanel.reportOf(this.findTarget) })}
      ${this.share.render(this.shared, this.address)}
      ${this.devicePanel.render(this.findTarget, firstTokensOf(this.panes))}
      ${renderFoot(this.isOwnSet ? "" : FAMILIES[this.family].note, differences(this.panes, this.decoderInfos), this.tour.renderFootButton())}
      <div class="unseen" role="status">${[this.places.said, this.announcement].filter(Boolean).join(" ")}</div>
      ${this.renderPicker()} ${this.tour.render()}
    `;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.devicePanel.cancel();
    this.charts.close();
    this.share.close();
  }

  /** What is wrong with one decoder's own options is said in its panes, even if no other decoder stands beside them. */
  protected override get sharedRefusal(): WireError | null {
    const shared = super.sharedRefusal;
    const isOfAll = new Set(this.decoders).size > 1;
    const names = commonOptions(this.decoderInfos).map(([name]) => name);
    return isOfAll || names.some((name) => shared?.message.startsWith(`${name} can't be `)) ? shared : null;
  }

  /** The model whose forwards are measured. */
  private readonly findTarget = () => modelOf(this.modelsAtHand(), "target");

  private get isOwnSet(): boolean {
    return this.family === OWN || Object.values(this.modelSet).some(Boolean);
  }

  private renderRounds(): unknown {
    const drafting = this.panes.filter(({ rounds }) => rounds.drafting);
    // Compared once both are done: figures of runs that go on change with every token.
    const rate = (pane: Pane | null) => (pane?.state === "done" ? pane.tally.tokensPerSecond : null);
    return drafting.map((pane) =>
      this.roundsOf(pane.rounds, {
        of: drafting.length > 1 ? pane.label : undefined,
        tokensPerSecond: rate(pane),
        plainTokensPerSecond: rate(plainBeside(pane, this.panes, this.decoderInfos)),
        measuredCosts: this.devicePanel.costsOf(this.findTarget),
        costsHint: "choose the draft length “adaptive”, or for a drafter without a model measure this device below",
      }),
    );
  }

  private renderSampling(options: Group["options"]) {
    const plans = this.panes.map(({ name }) => this.plans.of(name));
    return renderOptions({
      title: "Sampling",
      options,
      chosen: this.common,
      offers: offersOfAll(plans, this.sharedRefusal),
      onChange: (chosen) => {
        this.common = chosen;
      },
    });
  }

  private renderOwn(pane: Pane, options: Group["options"]): TemplateResult {
    const refusal = this.refusalOf(pane);
    const isOwn = refusal && refusal.message !== this.sharedRefusal?.message && !isUnable(refusal);
    return renderPaneControls(pane, {
      infos: this.decoderInfos,
      options,
      plan: this.plans.of(pane.name),
      refusal: isOwn ? refusal : null,
      fastest: this.fastestHere.fastest,
      page: { ...this.inherited, ...this.common },
      above: this.ordersOf(pane),
      first: this.renderJudge(pane),
    });
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
