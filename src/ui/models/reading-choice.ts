import { html, type TemplateResult } from "lit";
import type { ReadingOffer } from "../../worker/client.js";
import { readingWords } from "../words/models.js";

/** The code of the error that says that a folder doesn't say how its model reads. */
export const UNKNOWN_READING = "unknown_reading";

/** An address with a way to read in it, as `load` takes it. */
export function withReading(address: string, { blockLength }: Pick<ReadingOffer, "blockLength">): string {
  return `${address}${address.includes("#") ? "&" : "#"}block_length=${blockLength}`;
}

/** Asks how a model reads whose folder doesn't say it: a button for each way, that of the recipe in its name first. Nothing is chosen unasked. */
export function renderReadingChoice(
  offers: readonly ReadingOffer[],
  choose: (offer: ReadingOffer) => void,
): TemplateResult {
  const button = (offer: ReadingOffer) =>
    html`<button type="button" class=${offer.isNamed ? "go" : "quiet"} @click=${() => choose(offer)}>${offer.label}${
      offer.isNamed ? readingWords.named : ""
    }</button>`;
  return html`<div class="row" role="group" aria-label=${readingWords.title}>
    <span>${readingWords.asked}</span>
    ${offers.map(button)}
  </div>`;
}
