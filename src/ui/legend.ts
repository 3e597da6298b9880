import { html, type TemplateResult } from "lit";
import { legendWords as WORDS } from "./words/first.js";

/** The key to the token states: every state differs in shape as well as colour. */
export function renderLegend(): TemplateResult {
  return html`<ul part="legend" class="legend" aria-label=${WORDS.title}>
    <li><span class="key-prompt">${WORDS.prompt}</span></li>
    <li><span class="committed">${WORDS.committed}</span></li>
    <li><span class="mask"></span> ${WORDS.masked}</li>
    <li><span class="key-unsure">${WORDS.shaded}</span>${WORDS.unsure}</li>
    <li><span class="tentative" data-text=${WORDS.tentative}></span></li>
    <li><span class="committed" data-revised>${WORDS.revised}</span></li>
    <li><span class="draft" data-text=${WORDS.draft}></span></li>
    <li><span class="committed" data-move="accept">${WORDS.accepted}</span></li>
    <li><s class="key-rejected">${WORDS.rejected}</s></li>
    <li><span class="committed" data-own="recovered">${WORDS.recovered}</span></li>
    <li><span class="committed" data-own="bonus">${WORDS.bonus}</span></li>
  </ul>`;
}
