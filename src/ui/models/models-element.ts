import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { toWire, type WireError } from "../../vocabulary/errors.js";
import type { Preset } from "../../vocabulary/presets.js";
import type { LanguageModel } from "../../worker/language-model.js";
import { load } from "../../worker/load.js";
import type { LoadOptions } from "../../worker/model-options.js";
import {
  giveFiles,
  listModels,
  type ModelFiles,
  modelStorage,
  removeModel,
  type StorageReport,
  type StoredModel,
} from "../../worker/stored-models.js";
import { type ReadingOffer, readingOffers } from "../../worker/client.js";
import type { CompareElement } from "../compare-element.js";
import { renderError } from "../error-note.js";
import { renderReadingChoice, UNKNOWN_READING, withReading } from "./reading-choice.js";
import { style } from "../style.js";
import { ChatBox } from "./chat-box.js";
import { Loading } from "./loading-view.js";
import { renderFacts } from "./model-facts.js";
import { renderPresets } from "./preset-list.js";
import { renderShelf } from "./shelf-list.js";
import { type Asked, renderSourceBox } from "./source-box.js";
import { modelsStyle } from "./style.js";

/** The models of a page's panes, by the attributes that name them. */
type Cast = Partial<Record<"target" | "draft" | "diffusion", string>>;

const ATTRIBUTES = { autoregressive: "target", draft: "draft", diffusion: "diffusion" } as const;

/**
 * `<triptych-models>`: loads models by name, address, file or preset, shows what is kept in this browser, and talks with what is loaded. Its
 * models can be handed to the page's `<triptych-compare>`.
 */
export class ModelsElement extends LitElement {
  static override styles = [style, modelsStyle];
  static override properties: PropertyDeclarations = { asked: { state: true }, error: { state: true } };

  declare private asked: Asked;
  declare private error: WireError | null;
  private kept: readonly StoredModel[] = [];
  private storage: StorageReport | null = null;
  private loading: Loading | null = null;
  private loaded: { models: LanguageModel[]; cast: Cast; chat: ChatBox } | null = null;
  /** Ways to read the model at `addressAsked`, whose folder doesn't say it. */
  private offers: readonly ReadingOffer[] = [];
  private addressAsked = "";
  private readonly redraw = () => this.requestUpdate();

  constructor() {
    super();
    this.asked = { address: "", weights: "auto", token: "" };
    this.error = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.loading?.cancel();
    void this.unload();
  }

  protected override render(): TemplateResult {
    const isBusy = this.loading !== null;
    return html`<div class="models">
      ${renderSourceBox({
        isBusy,
        asked: this.asked,
        change: (asked) => {
          this.asked = { ...this.asked, ...asked };
        },
        load: () => void this.loadAddress(this.asked.address.trim()),
        take: (files) => void this.take(files),
      })}
      <div role="status">${this.loading?.render() ?? nothing}</div>
      ${this.error ? renderError(this.error) : nothing}
      ${this.offers.length > 0 ? renderReadingChoice(this.offers, (offer) => void this.loadAddress(withReading(this.addressAsked, offer))) : nothing}
      ${this.renderLoaded()}
      ${renderPresets(isBusy, this.asked.weights, (preset) => void this.loadPreset(preset))}
      ${renderShelf(this.kept, this.storage, {
        isBusy,
        load: (address) => void this.loadAddress(address),
        remove: (address) => void this.discard(address),
      })}
    </div>`;
  }

  private renderLoaded(): TemplateResult | typeof nothing {
    if (!this.loaded) return nothing;
    const { models, cast, chat } = this.loaded;
    const licenseOf = ({ url }: LanguageModel) =>
      this.kept.find(({ address }) => url.includes(address))?.license ?? null;
    return html`<section aria-label="Loaded">
      ${models.map((model) => html`<h3>${model.name}</h3>${renderFacts(model, licenseOf(model))}`)}
      <div class="row">
        <button type="button" @click=${() => this.handOver(cast)}>Write with ${models.length > 1 ? "them" : "it"} in the panes above</button>
        <button type="button" class="quiet" @click=${() => void this.unload()}>unload</button>
      </div>
      ${chat.render()}
    </section>`;
  }

  private async loadAddress(address: string): Promise<void> {
    await this.loadAll(address, async () => ({ target: address }));
    await this.askReading(address);
  }

  /** Where a model isn't loaded since its folder doesn't say how it reads: asks. */
  private async askReading(address: string): Promise<void> {
    if (this.error?.code !== UNKNOWN_READING) return;
    this.addressAsked = address;
    this.offers = await readingOffers(address);
    this.requestUpdate();
  }

  private async take(files: ModelFiles): Promise<void> {
    let target = "";
    await this.loadAll("the files", async () => {
      target = await giveFiles(files);
      return { target };
    });
    await this.askReading(target);
  }

  private loadPreset({ label, models }: Preset): Promise<void> {
    const cast = Object.fromEntries(
      models.map(({ role, model, options: { blockLength } }) => [
        ATTRIBUTES[role],
        // Embedded ones lie beside the page.
        (model.startsWith("/") ? `.${model}` : model) +
          (blockLength === undefined ? "" : `#block_length=${blockLength}`),
      ]),
    );
    return this.loadAll(label, async () => cast);
  }

  private async loadAll(name: string, find: () => Promise<Cast>): Promise<void> {
    const loading = new Loading(name, this.redraw);
    this.loading = loading;
    this.error = null;
    this.offers = [];
    const models: LanguageModel[] = [];
    try {
      await this.unload();
      const cast = this.withWeights(await find());
      for (const address of Object.values(cast)) models.push(await load(address, this.how(loading)));
      this.loaded = { models, cast, chat: new ChatBox(models[0], this.redraw) };
    } catch (error) {
      for (const model of models) await model.dispose();
      if (!loading.signal.aborted) this.error = toWire(error);
    } finally {
      this.loading = null;
      await this.refresh();
    }
  }

  private how({ signal, onProgress }: Loading): LoadOptions {
    const token = this.asked.token.trim();
    return { signal, onProgress, ...(token === "" ? {} : { token }) };
  }

  /** The addresses with the rounding that was asked for: as the panes are to load them, too. */
  private withWeights(cast: Cast): Cast {
    const { weights } = this.asked;
    if (weights === "") return cast;
    const marked = ([name, address]: [string, string]) => [
      name,
      `${address}${address.includes("#") ? "&" : "#"}weights=${weights}`,
    ];
    return Object.fromEntries(Object.entries(cast).map(marked));
  }

  private async unload(): Promise<void> {
    const { loaded } = this;
    this.loaded = null;
    loaded?.chat.stop();
    for (const model of loaded?.models ?? []) await model.dispose();
    this.requestUpdate();
  }

  private async discard(address: string): Promise<void> {
    this.error = null;
    try {
      await removeModel(address);
    } catch (error) {
      this.error = toWire(error);
    }
    await this.refresh();
  }

  /** Has the page's panes write with these models. */
  private handOver(cast: Cast): void {
    const panes: CompareElement | null = document.querySelector("triptych-compare");
    if (!panes) return;
    for (const name of Object.values(ATTRIBUTES)) panes[name] = cast[name];
    panes.scrollIntoView({ block: "start" });
  }

  private async refresh(): Promise<void> {
    try {
      [this.kept, this.storage] = await Promise.all([listModels(), modelStorage()]);
    } catch (error) {
      this.error ??= toWire(error);
    }
    this.requestUpdate();
  }
}

if (!customElements.get("triptych-models")) customElements.define("triptych-models", ModelsElement);
