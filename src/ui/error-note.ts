import { html, nothing, type TemplateResult } from "lit";
import { AUTO } from "../vocabulary/device.js";
import type { WireError } from "../vocabulary/errors.js";
import { adviceFor, isSaid, plainWords } from "./advice.js";
import { partWords } from "./words/first.js";

/**
 * An error in words that a person understands, with what to do; where those aren't its own, these are folded behind them, unless they say what a
 * device needs. `device`: the one that was asked for. `isSpoken`: screen readers say it at once.
 */
export function renderError({ code, message }: WireError, device: string = AUTO, isSpoken = true): TemplateResult {
  const steps = adviceFor(code, device);
  const plain = plainWords(code, device);
  const isShown = isSaid(code, device);
  return html`<div class="error" role=${isSpoken ? "alert" : nothing} part="error" data-code=${code}>
    <strong>${plain ?? message}</strong>
    ${plain && isShown ? html`<p>${message}</p>` : nothing}
    ${steps.length > 0 ? html`<ul>${steps.map((step) => html`<li>${step}</li>`)}</ul>` : nothing}
    ${plain && !isShown ? html`<details><summary>${partWords.forDevelopers}</summary><p>${message}</p></details>` : nothing}
  </div>`;
}
