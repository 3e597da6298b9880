import { html, nothing, type TemplateResult } from "lit";
import type { AdapterReport } from "../worker/client.js";

/** The adapter in words; a software adapter is named as what it is. */
function adapterWords({ vendor, architecture, description, isSoftware }: AdapterReport): string {
  const words = [vendor, architecture, description].filter(Boolean);
  if (!isSoftware) return `adapter: ${words.join(" ") || "unnamed"}`;
  const name = /swiftshader/i.test(words.join(" ")) ? "SwiftShader" : words.at(-1) || "unnamed";
  return `software adapter: ${name} — figures are of a CPU`;
}

/** The last line: which adapter the figures are of, what the models are, and in which options the panes differ. */
export function renderFoot(
  report: AdapterReport | null,
  note: string,
  differences: readonly string[] = [],
): TemplateResult {
  return html`<footer class="foot">
    ${report ? html`<span class="adapter">${adapterWords(report)}</span>` : nothing}
    ${differences.length > 0 ? html`<strong class="differ">These texts differ in what was asked: ${differences.join("; ")}.</strong>` : nothing}
    ${note ? html`<span>${note}</span>` : nothing}
  </footer>`;
}
