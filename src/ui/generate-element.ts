import { html, type PropertyDeclarations, type TemplateResult } from "lit";
import type { Chosen } from "../vocabulary/chosen.js";
import { asNumber } from "../vocabulary/number-text.js";
import type { DecoderName } from "../worker/model-options.js";
import { renderOptions, splitOptions } from "./controls.js";
import { renderDesk } from "./desk.js";
import { type Models, modelsOf } from "./model-set.js";
import { COMPARED, kindOf, SINGLE } from "./default-panes.js";
import { optionsHere, renderLeftOut } from "./here.js";
import { Pane } from "./pane.js";
import { FormElement, formStyle } from "./form-element.js";
import { renderPane } from "./pane-view.js";
import { style } from "./style.js";

/**
 * `<triptych-generate>`: one decoder, one pane.
 * @tag triptych-generate
 * @attr {string} decoder - Which one writes, as it begins (`autoregressive`).
 * @csspart restored - The text of an earlier visit.
 */
export class GenerateElement extends FormElement {
  static override styles = [style, formStyle];
  static override properties: PropertyDeclarations = {
    decoder: { useDefault: true },
    chosen: { state: true },
  };

  /** Name of the decoder that writes. */
  declare decoder: DecoderName;
  declare private chosen: Chosen;
  private pane: Pane | null = null;

  constructor() {
    super();
    this.decoder = SINGLE;
    this.chosen = {};
  }

  protected get panes(): readonly Pane[] {
    // A run under way keeps its decoder and its name.
    return [this.busy && this.pane ? this.pane : this.upToDate()];
  }

  private upToDate(): Pane {
    this.pane ??= new Pane(this.decoder, this.label, this.decoder, this);
    const { pane } = this;
    const info = this.decoderInfos.find(({ name }) => name === this.decoder);
    pane.kind = info ? kindOf(info) : (COMPARED.find(({ decoder }) => decoder === this.decoder)?.kind ?? null);
    pane.name = this.decoder;
    pane.decoder = this.decoder;
    pane.label = this.label;
    return pane;
  }

  protected override onRaceStart(): void {
    this.upToDate();
    super.onRaceStart();
  }

  protected setOptions(): { common: Chosen; here: Chosen; own: Chosen } {
    const shared = new Set(optionsHere(this.decoderInfos, this.decoder).map(([option]) => option));
    const entries = Object.entries(this.chosen);
    return {
      common: {},
      here: Object.fromEntries(entries.filter(([option]) => shared.has(option))),
      own: Object.fromEntries(entries.filter(([option]) => !shared.has(option))),
    };
  }

  protected modelsAtHand(): Models {
    return modelsOf(this.modelSet, this.models, this.device);
  }

  protected override render(): TemplateResult {
    const [pane] = this.panes;
    const { common, own } = splitOptions(this.decoderInfos);
    const { here: sampling } = this.setOptions();
    const plan = this.plans.of(pane.name);
    const more = renderOptions({
      title: "Options",
      options: [...(own.get(this.decoder) ?? []), ...common],
      chosen: this.chosen,
      offers: plan,
      foremost: this.decoderInfos.find(({ name }) => name === this.decoder)?.foremost,
      // Those that make room for a choice say nothing of sampling.
      onChange: (chosen) => {
        this.chosen = { ...sampling, ...chosen };
      },
    });
    const length = asNumber(this.maxNewTokens ?? this.defaultOf("max_new_tokens"));
    const shared = this.sharedError;
    return this.enclose(html`${renderDesk(this, this.renderDeviceMenu(), html`${more}${this.renderJudge(pane)}`, this.sharedRefusal)}
      ${this.renderNote()}
      <div class="panes single">${renderPane(pane, length, html`${this.ordersOf(pane)}${renderLeftOut(plan?.leftOut ?? pane.casting.leftOut)}`, shared, this.renderMethodButton(pane))}</div>
      ${this.renderPicker()}
      ${this.roundsOf(pane.rounds, NO_COMPARISON)}
      <div class="unseen" role="status">${this.announcement}</div>`);
  }

  /** Called by the form when it is reset: every setting is what its attribute says, those of decoders too, and nothing is written. */
  override formResetCallback(): void {
    this.chosen = {};
    super.formResetCallback();
  }

  protected onMethod(_: Pane, decoder: string, options: Chosen): void {
    this.chosen = { ...this.setOptions().here, ...options };
    this.decoder = decoder as DecoderName;
  }

  private get label(): string {
    const info = this.decoderInfos.find(({ name }) => name === this.decoder);
    return COMPARED.find(({ decoder }) => decoder === this.decoder)?.label ?? info?.label ?? this.decoder;
  }
}

/** One pane has nothing beside it to be compared with. */
const NO_COMPARISON = {
  tokensPerSecond: null,
  plainTokensPerSecond: null,
  measuredCosts: null,
  costsHint: "choose the draft length “adaptive”",
};
