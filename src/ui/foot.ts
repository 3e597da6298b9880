import { html, nothing, type TemplateResult } from "lit";

/** The last line: what the models are, and in which options the panes differ. */
export function renderFoot(note: string, differences: readonly string[] = []): TemplateResult {
  return html`<footer class="foot">
    ${differences.length > 0 ? html`<strong class="differ">These texts differ in what was asked: ${differences.join("; ")}.</strong>` : nothing}
    ${note ? html`<span>${note}</span>` : nothing}
  </footer>`;
}
