import { html, nothing, type TemplateResult } from "lit";
import { pickerWords as words } from "../words/picker.js";
import type { Offered } from "./filters.js";

/** The card of a method. One that can't run stays in the list, with its reason. */
export function renderCard({ method, refusal }: Offered, isNow: boolean, onTake: () => void): TemplateResult {
  const { id, name, idea, paper, here, weights, axes, figure } = method;
  const { facts } = words;
  const marks = [
    words.lossless(axes.lossless),
    words.orders[axes.order],
    ...(axes.training ? [words.training] : []),
    ...(axes.secondModel ? [words.secondModel] : []),
    ...(axes.revises ? [words.revises] : []),
    ...(axes.cached ? [words.cached] : []),
    ...(isNow ? [words.now] : []),
  ];
  return html`<li class="method" data-method=${id}>
    <button type="button" aria-disabled=${refusal !== null} aria-current=${isNow ? "true" : nothing}
      aria-describedby="idea-${id}${refusal === null ? "" : ` reason-${id}`}" @click=${onTake}>${name}</button>
    <p id="idea-${id}">${idea}</p>
    ${refusal === null ? nothing : html`<p class="cannot" id="reason-${id}"><b>${facts.cannot}:</b> ${refusal}</p>`}
    <ul class="axes">${marks.map((mark) => html`<li class="mark">${mark}</li>`)}</ul>
    <dl>
      ${paper === undefined ? nothing : fact(facts.paper, paper)} ${fact(facts.here, here)} ${fact(facts.weights, weights)}
      ${figure ? fact(facts.figure, words.figure(figure.tokensPerForward, figure.nats, figure.date)) : nothing}
    </dl>
  </li>`;
}

function fact(name: string, value: string): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}
