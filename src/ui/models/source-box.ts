import { html, type TemplateResult } from "lit";
import type { ModelFiles } from "../../worker/stored-models.js";
import { droppedFiles } from "./dropped.js";
import { sourceWords } from "../words/models.js";

/** How a model is asked for. */
export interface Asked {
  address: string;
  /** Rounding of its weights: `auto` goes by the device's memory; empty: as they are stored. */
  weights: string;
  /** Access token of a hub; empty: none. */
  token: string;
}

/** What the box does with what it is given. */
export interface SourceActions {
  isBusy: boolean;
  asked: Asked;
  change(asked: Partial<Asked>): void;
  load(): void;
  take(files: ModelFiles): void;
}

const ROUNDINGS = [
  ["auto", sourceWords.roundings.auto],
  ["", sourceWords.roundings.stored],
  ["q8", sourceWords.roundings.q8],
  ["q4", sourceWords.roundings.q4],
] as const;

const textIn = (event: Event) => (event.target as HTMLInputElement).value;

/** A model by its name or address, or by files that are picked or dropped. */
export function renderSourceBox({ isBusy, asked, change, load, take }: SourceActions): TemplateResult {
  const submit = (event: Event) => {
    event.preventDefault();
    load();
  };
  const pick = (event: Event) => {
    const input = event.target as HTMLInputElement;
    if (input.files?.length) take([...input.files]);
    input.value = "";
  };
  return html`<form aria-label=${sourceWords.title} @submit=${submit}>
      <div class="row">
        <label class="field wide"><span>${sourceWords.address}</span>
          <input autocomplete="off" autocapitalize="none" spellcheck="false" placeholder=${sourceWords.example}
            .value=${asked.address} @input=${(event: Event) => change({ address: textIn(event) })} /></label>
        <label class="field"><span>${sourceWords.weights}</span>
          <select @change=${(event: Event) => change({ weights: textIn(event) })}>
            ${ROUNDINGS.map(([value, label]) => html`<option value=${value} ?selected=${value === asked.weights}>${label}</option>`)}
          </select></label>
        <button type="submit" class="go" ?disabled=${isBusy || asked.address.trim() === ""}>${sourceWords.load}</button>
      </div>
      <details><summary class="note">${sourceWords.gated}</summary>
        <label class="field"><span>${sourceWords.token}</span>
          <input type="password" autocomplete="off" .value=${asked.token} @input=${(event: Event) => change({ token: textIn(event) })} /></label>
      </details>
    </form>
    ${renderDrop(isBusy, pick, take)}`;
}

function renderDrop(isBusy: boolean, pick: (event: Event) => void, take: SourceActions["take"]): TemplateResult {
  const over = (event: DragEvent) => {
    event.preventDefault();
    (event.currentTarget as HTMLElement).toggleAttribute("data-over", event.type === "dragover");
  };
  const drop = async (event: DragEvent) => {
    over(event);
    if (isBusy || !event.dataTransfer) return;
    const files = await droppedFiles(event.dataTransfer);
    if (Object.keys(files).length > 0) take(files);
  };
  // A button of its own: the inputs themselves are named by each browser in its own words.
  const choose = (event: Event) => ((event.target as HTMLElement).nextElementSibling as HTMLInputElement).click();
  return html`<div class="drop" @dragover=${over} @dragleave=${over} @drop=${drop}>
    <span>${sourceWords.drop}</span>
    <button type="button" ?disabled=${isBusy} @click=${choose}>${sourceWords.files}</button><input type="file" multiple hidden @change=${pick} />
    <button type="button" ?disabled=${isBusy} @click=${choose}>${sourceWords.folder}</button><input type="file" webkitdirectory hidden @change=${pick} />
  </div>`;
}
