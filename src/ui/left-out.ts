import { html, nothing, type TemplateResult } from "lit";
import { partWords } from "./words/first.js";

/** What an address or attribute asked for and is not done, with the reasons; nothing where all of it is. */
export function renderLeftOut(leftOut: readonly string[]): TemplateResult | typeof nothing {
  if (leftOut.length === 0) return nothing;
  return html`<div class="calm left-out" role="status">${partWords.leftOut}
      <ul>${leftOut.map((one) => html`<li>${one}</li>`)}</ul></div>`;
}
