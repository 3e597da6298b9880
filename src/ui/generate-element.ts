import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { Chosen } from "../vocabulary/chosen.js";
import { renderOptions, splitOptions } from "./controls.js";
import { renderDesk } from "./desk.js";
import { renderFoot } from "./foot.js";
import { type Role, resolveModel } from "./model-set.js";
import type { ModelRef } from "../worker/client.js";
import { Pane } from "./pane.js";
import { PaneElement } from "./pane-element.js";
import { renderRounds } from "./rounds-panel.js";
import { roundsStyle } from "./rounds-style.js";
import { style } from "./style.js";

/**
 * `<triptych-generate>`: one decoder, one pane.
 * Attributes: `decoder` (default `autoregressive`), `prompt`, `models` or `target` + `draft` + `diffusion`,
 * `max-new-tokens`, `temperature`, `seed`, `energy`. Parts and custom properties as in `CompareElement`.
 */
export class GenerateElement extends PaneElement {
  static override styles = [style, roundsStyle];
  static override properties: PropertyDeclarations = { decoder: { type: String }, chosen: { state: true } };

  /** Name of the decoder that writes. */
  declare decoder: string;
  declare private chosen: Chosen;
  private pane: Pane | null = null;

  constructor() {
    super();
    this.decoder = "autoregressive";
    this.chosen = {};
  }

  protected get panes(): readonly Pane[] {
    if (this.pane && (this.pane.decoder === this.decoder || this.pane.isBusy)) return [this.pane];
    this.pane?.release();
    this.pane = new Pane(this.decoder, LABELS[this.decoder] ?? this.info?.label ?? this.decoder, this.decoder, this);
    return [this.pane];
  }

  protected refsFor(pane: Pane): ModelRef[] {
    const { decoder } = pane;
    const find = (role: Role) => resolveModel(role, this.modelSet, this.models);
    const energy = this.energyRole(pane);
    if (decoder.includes("diffusion")) return [find("diffusion"), ...(energy ? [find(energy)] : [])];
    const drafts = decoder === "speculative" && this.draftRole(pane);
    return drafts ? [find("target"), find(drafts)] : [find("target")];
  }

  protected setOptions({ decoder }: Pane, name = decoder): { common: Chosen; own: Chosen } {
    if (name !== this.decoder) return { common: {}, own: {} };
    const shared = new Set(splitOptions(this.decoderInfos).common.map(([option]) => option));
    const entries = Object.entries(this.chosen);
    return {
      common: Object.fromEntries(entries.filter(([option]) => shared.has(option))),
      own: Object.fromEntries(entries.filter(([option]) => !shared.has(option))),
    };
  }

  protected findModel(role: Role): ModelRef | undefined {
    try {
      return resolveModel(role, this.modelSet, this.models);
    } catch {
      return undefined;
    }
  }

  protected override render(): TemplateResult {
    const [pane] = this.panes;
    const { common, own } = splitOptions(this.decoderInfos);
    const { common: sampling } = this.setOptions(pane);
    const more = renderOptions({
      title: "Options",
      options: [...(own.get(this.decoder) ?? []), ...common],
      chosen: this.chosen,
      offers: this.menus.of(this.decoder),
      // Those that make room for a choice say nothing of sampling.
      onChange: (chosen) => {
        this.chosen = { ...sampling, ...chosen };
      },
    });
    const length = Number(this.maxNewTokens ?? this.defaultOf("max_new_tokens"));
    const shared = this.sharedError;
    return html`${renderDesk(this, nothing, html`${more}${this.renderEnergy(pane)}`, this.sharedRefusal)}
      ${this.renderShared()}
      <div class="panes single">${pane.render(length, nothing, shared)}</div>
      ${renderRounds(pane.rounds, NO_COMPARISON)}
      ${renderFoot(this.adapterReport, "")}
      <div class="unseen" role="status">${this.announcement}</div>`;
  }

  private get info() {
    return this.decoderInfos.find(({ name }) => name === this.decoder);
  }
}

/** One pane has nothing beside it to be compared with. */
const NO_COMPARISON = {
  tokensPerSecond: null,
  plainTokensPerSecond: null,
  measuredCosts: null,
  costsHint: "choose the draft length “adaptive”",
};

const LABELS: Record<string, string> = {
  autoregressive: "Autoregressive",
  "block-diffusion": "Diffusion",
  speculative: "Speculative",
};
