import { html, nothing, type TemplateResult } from "lit";
import type { WireError } from "../errors.js";
import type { AdapterReport } from "../worker/client.js";
import { adviceFor } from "./advice.js";

/** The adapter in words; a software adapter is named as what it is. */
export function adapterWords({ vendor, architecture, description, isSoftware }: AdapterReport): string {
  const words = [vendor, architecture, description].filter(Boolean);
  if (!isSoftware) return `adapter: ${words.join(" ") || "unnamed"}`;
  const name = /swiftshader/i.test(words.join(" ")) ? "SwiftShader" : words.at(-1) || "unnamed";
  return `software adapter: ${name} — figures are of a CPU`;
}

/** The last line: which adapter the figures are of, and what the models are; or why nothing can run, and what to do. */
export function renderFoot(report: AdapterReport | null, error: WireError | null, note: string): TemplateResult {
  return html`<footer class="foot">
    ${report ? html`<span class="adapter">${adapterWords(report)}</span>` : nothing}
    ${
      error
        ? html`<div class="error" role="alert" data-code=${error.code}><strong>${error.message}</strong>
            <ul>${adviceFor(error.code).map((step) => html`<li>${step}</li>`)}</ul></div>`
        : nothing
    }
    ${note ? html`<span>${note}</span>` : nothing}
  </footer>`;
}
