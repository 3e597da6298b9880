import { html, type TemplateResult } from "lit";

/** The key to the token states: every state differs in shape as well as colour. */
export function renderLegend(): TemplateResult {
  return html`<ul part="legend" class="legend" aria-label="Legend">
    <li><span class="key-prompt">prompt</span></li>
    <li><span class="committed">committed</span></li>
    <li><span class="mask"></span> masked</li>
    <li><span class="key-unsure">shaded</span>: less sure of what fills the mask</li>
    <li><span class="tentative" data-text="tentative"></span>: may be masked again</li>
    <li><span class="committed" data-revised>revised</span></li>
    <li><span class="draft" data-text="draft"></span></li>
    <li><span class="committed" data-move="accept">accepted draft</span></li>
    <li><span class="committed" data-own="recovered">recovered</span> in a rejected draft’s place</li>
    <li><span class="committed" data-own="bonus">bonus</span> after accepted drafts</li>
    <li><s class="key-rejected">rejected draft</s></li>
  </ul>`;
}
