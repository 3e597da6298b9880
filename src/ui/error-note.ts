import { html, nothing, type TemplateResult } from "lit";
import type { WireError } from "../vocabulary/errors.js";
import { adviceFor, plainWords } from "./advice.js";
import type { Recording } from "./recording.js";

/** An error in words that a person understands, with what to do; where those aren't its own, these are folded behind them. */
export function renderError({ code, message }: WireError): TemplateResult {
  const steps = adviceFor(code);
  const plain = plainWords(code);
  return html`<div class="error" role="alert" part="error" data-code=${code}>
    <strong>${plain ?? message}</strong>
    ${steps.length > 0 ? html`<ul>${steps.map((step) => html`<li>${step}</li>`)}</ul>` : nothing}
    ${plain ? html`<details><summary>For developers</summary><p>${message}</p></details>` : nothing}
  </div>`;
}

/** Says what is shown: nothing of it was computed here. */
export function renderRecorded({ date, adapter }: Recording): TemplateResult {
  return html`<p class="recorded" part="recorded" role="status"><strong>A recording.</strong> Nothing is computed here: this was
    written on ${date} on ${adapter}, and its times are that machine’s.</p>`;
}
