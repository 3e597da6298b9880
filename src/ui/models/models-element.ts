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
import { answererOf } from "./answerer.js";
import { ChatBox } from "./chat-box.js";
import { Loading } from "./loading-view.js";
import { renderFacts } from "./model-facts.js";
import { renderPresets } from "./preset-list.js";
import { renderShelf } from "./shelf-list.js";
import { type Asked, renderSourceBox } from "./source-box.js";
import { modelsStyle } from "./style.js";
import { loadedWords, modelsWords } from "../words/models.js";

/** The models of a page's panes, by the attributes that name them. */
type Cast = Partial<Record<"target" | "draft" | "diffusion", string>>;

/** What is loaded, and the chat with it; or why it can't chat. */
interface Loaded {
  models: LanguageModel[];
  cast: Cast;
  chat: ChatBox | { refusal: WireError };
}

const ATTRIBUTES = { autoregressive: "target", draft: "draft", diffusion: "diffusion" } as const;

/**
 * `<triptych-models>`: loads models by name, address, file or preset, shows what is kept in this browser, and talks with what is loaded. Its
 * models can be handed to the page's `<triptych-compare>`.
 */
export class ModelsElement extends LitElement {
  static override styles = [style, modelsStyle];
  static override properties: PropertyDeclarations = {
    asked: { state: true },
    error: { state: true },
    loading: { state: true },
  };

  declare private asked: Asked;
  declare private error: WireError | null;
  declare private loading: Loading | null;
  private kept: readonly StoredModel[] = [];
  private storage: StorageReport | null = null;
  private loaded: Loaded | null = null;
  /** Loads again what found no memory beside what is loaded, in its place. */
  private instead: (() => void) | null = null;
  /** Ways to read the model at `addressAsked`, whose folder doesn't say it. */
  private offers: readonly ReadingOffer[] = [];
  private addressAsked = "";
  private readonly redraw = () => this.requestUpdate();

  constructor() {
    super();
    this.asked = { address: "", weights: "auto", token: "" };
    this.error = null;
    this.loading = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // Later, and only if it is still gone: moving an element disconnects and connects it.
    setTimeout(() => {
      if (this.isConnected) return;
      this.loading?.cancel();
      void this.unload();
    });
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
      ${this.error ? renderError(this.error) : nothing} ${this.renderInstead()}
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
    return html`<section aria-label=${loadedWords.title}>
      ${models.map((model) => html`<h3>${model.name}</h3>${renderFacts(model, licenseOf(model))}`)}
      <div class="row">
        <button type="button" @click=${() => this.handOver(cast)}>${loadedWords.write(models.length)}</button>
        <button type="button" class="quiet" @click=${() => void this.unload()}>${loadedWords.unload}</button>
      </div>
      ${chat instanceof ChatBox ? chat.render() : renderNoChat(models[0].name, chat.refusal)}
    </section>`;
  }

  private renderInstead(): TemplateResult | typeof nothing {
    const { instead, loaded } = this;
    if (!instead || !loaded) return nothing;
    const names = loaded.models.map(({ name }) => name).join(", ");
    return html`<div class="row">
      <span>${modelsWords.noRoomBeside(names)}</span>
      <button type="button" class="go" @click=${instead}>${modelsWords.loadInstead(names)}</button>
    </div>`;
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

  /** Loads models beside those that are loaded, which stay, and their chat with them, unless all of it succeeds. */
  private async loadAll(name: string, find: () => Promise<Cast>): Promise<void> {
    const loading = new Loading(name, this.redraw);
    this.loading = loading;
    this.error = null;
    this.instead = null;
    this.offers = [];
    const models: LanguageModel[] = [];
    try {
      const cast = this.withWeights(await find());
      for (const address of Object.values(cast)) models.push(await load(address, this.how(loading)));
      const answerer = await answererOf(models[0]);
      loading.signal.throwIfAborted();
      const chat = "refusal" in answerer ? answerer : new ChatBox(models[0], answerer, this.redraw);
      const before = this.loaded;
      this.loaded = { models, cast, chat };
      await giveBack(before);
    } catch (error) {
      for (const model of models) await model.dispose();
      if (!loading.signal.aborted) this.tell(error, () => this.loadAll(name, find));
    } finally {
      this.loading = null;
      await this.refresh();
    }
  }

  private tell(error: unknown, again: () => Promise<void>): void {
    this.error = toWire(error);
    if (this.error.code !== "out_of_memory" || !this.loaded) return;
    this.instead = () => void this.unload().then(again);
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
    await giveBack(loaded);
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

async function giveBack(loaded: Loaded | null): Promise<void> {
  if (loaded?.chat instanceof ChatBox) loaded.chat.stop();
  for (const model of loaded?.models ?? []) await model.dispose();
}

/** In a chat's place: why this model has none, and what it does. */
function renderNoChat(name: string, { code, message }: WireError): TemplateResult {
  return html`<div class="calm" data-code=${code}>
    <p><strong>${modelsWords.noChat(name)}</strong> ${code === "no_chat_template" ? modelsWords.noTemplate : message}</p>
    <p>${modelsWords.instead}</p>
  </div>`;
}

if (!customElements.get("triptych-models")) customElements.define("triptych-models", ModelsElement);
