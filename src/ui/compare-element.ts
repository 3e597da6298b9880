import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { renderClocks } from "./clocks.js";
import { compareIds } from "./compare-ids.js";
import { type Chosen, renderOptions, splitOptions } from "./controls.js";
import { renderDesk } from "./desk.js";
import { DevicePanel, type FirstToken } from "./device-panel.js";
import { deviceStyle } from "./device-style.js";
import { renderLegend } from "./legend.js";
import { FAMILIES, type Role, resolveModel } from "./model-set.js";
import { Pane } from "./pane.js";
import { PaneElement } from "./pane-element.js";
import { renderFoot } from "./foot.js";
import { renderRounds } from "./rounds-panel.js";
import { roundsStyle } from "./rounds-style.js";
import { style } from "./style.js";

const ROLES: readonly Role[] = ["target", "draft", "diffusion"];
const OWN = "own";

/**
 * `<triptych-compare>`: three decoders write on from one prompt, side by side.
 * Attributes: `prompt`, `models` or `target` + `draft` + `diffusion`, `max-new-tokens`, `temperature`, `seed`, `energy`.
 * Parts: `pane`, `prompt`, `text`, `metrics`, `clocks`, `controls`, `legend`, `replay`, `rounds`, `device`, `badge`, `fidelity`, `bound`, `error`.
 * Custom properties: see `style.ts`.
 */
export class CompareElement extends PaneElement {
  static override styles = [style, deviceStyle, roundsStyle];
  static override properties: PropertyDeclarations = { chosen: { state: true }, family: { state: true } };

  declare private chosen: Record<string, Chosen>;
  declare private family: string;
  protected readonly panes = [
    new Pane("autoregressive", "Autoregressive", "autoregressive", this),
    new Pane("diffusion", "Diffusion", "block-diffusion", this),
    new Pane("speculative", "Speculative", "speculative", this),
  ];

  private readonly device = new DevicePanel(this);

  constructor() {
    super();
    this.chosen = {};
    this.family = "story";
  }

  protected urlsFor(pane: Pane): string[] {
    const { name } = pane;
    const find = (role: Role) => resolveModel(role, this.modelSet, this.models, this.family);
    const energy = this.energyRole(pane);
    if (name === "diffusion") return [find("diffusion"), ...(energy ? [find(energy)] : [])];
    const drafts = name === "speculative" && this.draftRole(pane);
    return drafts ? [find("target"), find(drafts)] : [find("target")];
  }

  protected ownOptions({ decoder }: Pane): Chosen {
    return { ...this.chosen.common, ...this.chosen[decoder] };
  }

  protected override onRaceEnd(): void {
    const [autoregressive, , speculative] = this.panes;
    // A verifier that keeps the law alone writes another text, and that is no fault of it.
    const claimsIdentity = speculative.fidelity === "identical";
    speculative.badge = claimsIdentity ? compareIds(autoregressive.outcome, speculative.outcome) : null;
  }

  protected override render(): TemplateResult {
    const infos = this.decoderInfos.filter(({ name }) => this.panes.some(({ decoder }) => decoder === name));
    const { common, own } = splitOptions(infos);
    const length = this.maxNewTokens ?? Number(this.defaultOf("max_new_tokens"));
    return html`
      ${renderDesk(this, this.renderModels(), this.renderMore("Sampling", "common", common))}
      <div class="panes">
        ${this.panes.map((pane) =>
          pane.render(
            length,
            html`${this.renderMore("Options", pane.decoder, own.get(pane.decoder) ?? [])}${this.renderEnergy(pane)}`,
          ),
        )}
      </div>
      ${renderClocks(this.panes)} ${this.renderRounds()} ${renderLegend()}
      ${this.device.render(() => resolveModel("target", this.modelSet, this.models, this.family), this.firstTokens)}
      ${renderFoot(this.adapterReport, this.startError, this.isOwnSet ? "" : FAMILIES[this.family].note)}
      <div class="unseen" role="status">${this.announcement}</div>
    `;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.device.cancel();
  }

  /** Of every model that was loaded; a draft model writes no token of its own. */
  private get firstTokens(): FirstToken[] {
    const models = new Map<string, FirstToken>();
    for (const { modelInfos, tally } of this.panes) {
      modelInfos.forEach(({ url, name, load }, i) => {
        if (!models.has(url)) models.set(url, { name, load, firstTokenMs: i === 0 ? tally.firstTokenMs : null });
      });
    }
    return [...models.values()];
  }

  private get isOwnSet(): boolean {
    return this.family === OWN || Object.values(this.modelSet).some(Boolean);
  }

  private get announcement(): string {
    const ended = this.panes.filter(({ state }) => state === "done" || state === "error");
    return ended.map(({ label, state, tally }) => `${label}: ${state}, ${tally.tokens} tokens.`).join(" ");
  }

  private renderRounds() {
    const [autoregressive, , speculative] = this.panes;
    // Compared once both are done: figures of runs that go on change with every token.
    const rate = ({ state, tally }: Pane) => (state === "done" ? tally.tokensPerSecond : null);
    return renderRounds(speculative.rounds, {
      tokensPerSecond: rate(speculative),
      plainTokensPerSecond: rate(autoregressive),
      measuredCosts: this.device.costs,
      costsHint: "choose the draft length “adaptive”, or for a drafter without a model measure this device below",
    });
  }

  private renderMore(title: string, group: string, options: ReturnType<typeof splitOptions>["common"]) {
    return renderOptions(title, options, this.chosen[group] ?? {}, (chosen) => {
      this.chosen = { ...this.chosen, [group]: chosen };
    });
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
          ? ROLES.map(
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
    for (const role of ROLES) this[role] = family === OWN ? (this.getAttribute(role) ?? undefined) : undefined;
  }
}
