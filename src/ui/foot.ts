import { html, nothing, type TemplateResult } from "lit";
import { footWords } from "./words/first.js";

/** The last line: in which options the panes differ, what the models are, and a button where there is one. */
export function renderFoot(
  note: string,
  differences: readonly string[] = [],
  button: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  return html`<footer class="foot">
    ${differences.length > 0 ? html`<strong class="differ">${footWords.differ(differences.join("; "))}</strong>` : nothing}
    ${note ? html`<span>${note}</span>` : nothing} ${button}
  </footer>`;
}
