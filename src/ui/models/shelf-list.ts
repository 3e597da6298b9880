import { html, nothing, type TemplateResult } from "lit";
import type { StorageReport, StoredModel } from "../../worker/stored-models.js";
import { bytesText } from "./rate.js";
import { shelfWords } from "../words/models.js";

/** What a person may do with a model that is kept. */
export interface ShelfActions {
  isBusy: boolean;
  load(address: string): void;
  remove(address: string): void;
}

/** The models whose files this browser keeps, with their sizes, and how much room there is. */
export function renderShelf(
  models: readonly StoredModel[],
  storage: StorageReport | null,
  { isBusy, load, remove }: ShelfActions,
): TemplateResult {
  return html`<section aria-label=${shelfWords.title}>
    <h3>${shelfWords.title}</h3>
    ${
      models.length === 0
        ? html`<p class="note">${shelfWords.none}</p>`
        : html`<ul class="list">${models.map(
            (model) => html`<li>
              <span class="what">${model.address}<small>${sizeOf(model)}${model.license ? shelfWords.licence(model.license) : ""}</small></span>
              <button type="button" class="quiet" ?disabled=${isBusy} aria-label=${shelfWords.loadThis(model.address)} @click=${() => load(model.address)}>${shelfWords.load}</button>
              <button type="button" class="quiet" ?disabled=${isBusy} aria-label=${shelfWords.removeThis(model.address)} @click=${() => remove(model.address)}>${shelfWords.remove}</button>
            </li>`,
          )}</ul>`
    }
    ${storage ? html`<p class="note">${roomText(storage)}</p>` : nothing}
  </section>`;
}

function sizeOf({ byteLength, storedBytes }: StoredModel): string {
  const isWhole = byteLength !== null && storedBytes >= byteLength;
  return isWhole || byteLength === null
    ? bytesText(storedBytes)
    : shelfWords.part(bytesText(storedBytes), bytesText(byteLength));
}

const PLACES: Readonly<Record<string, string>> = {
  opfs: "Files lie in this site's private file system.",
  indexeddb: "Files lie in this site's database.",
  memory: "This browser keeps no files for this page: they go with it.",
};

function roomText({ kind, modelBytes, room }: StorageReport): string {
  const place = PLACES[kind] ?? "";
  const used = `Models take ${bytesText(modelBytes)}.`;
  return [place, used, room ? roomLeft(room) : ""].filter(Boolean).join(" ");
}

function roomLeft({ usedBytes, quotaBytes }: { usedBytes: number; quotaBytes: number }): string {
  return `The browser allows this site ${bytesText(Math.max(0, quotaBytes - usedBytes))} more.`;
}
