import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { type Chosen, renderOptions, splitOptions } from "./controls.js";
import { renderDesk } from "./desk.js";
import { renderFoot } from "./foot.js";
import { type Role, resolveModel } from "./model-set.js";
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

  protected urlsFor(pane: Pane): string[] {
    const { decoder } = pane;
    const find = (role: Role) => resolveModel(role, this.modelSet, this.models);
    const energy = this.energyRole(pane);
    if (decoder.includes("diffusion")) return [find("diffusion"), ...(energy ? [find(energy)] : [])];
    const drafts = decoder === "speculative" && this.draftRole(pane);
    return drafts ? [find("target"), find(drafts)] : [find("target")];
  }

  protected ownOptions(): Chosen {
    return this.chosen;
  }

  protected override render(): TemplateResult {
    const [pane] = this.panes;
    const { common, own } = splitOptions(this.decoderInfos);
    const options = [...(own.get(this.decoder) ?? []), ...common];
    const more = renderOptions("Options", options, this.chosen, (chosen) => {
      this.chosen = chosen;
    });
    const length = this.maxNewTokens ?? Number(this.defaultOf("max_new_tokens"));
    return html`${renderDesk(this, nothing, html`${more}${this.renderEnergy(pane)}`)}
      <div class="panes single">${pane.render(length)}</div>
      ${renderRounds(pane.rounds, NO_COMPARISON)}
      ${renderFoot(this.adapterReport, this.startError, "")}
      <div class="unseen" role="status">
        ${pane.state === "done" ? `${pane.label}: done, ${pane.tally.tokens} tokens.` : nothing}
      </div>`;
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
