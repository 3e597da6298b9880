import { html, nothing, type TemplateResult } from "lit";
import type { SlotState } from "../../vocabulary/events.js";
import type { TokenLaw } from "../../worker/client.js";
import { formatNumber } from "../figures.js";
import { inspectorWords as words } from "../words/late.js";
import type { LawState } from "./laws.js";
import type { HeldToken, PlaceChange, TokenHistory } from "./token-history.js";
import { visibleText } from "./visible-text.js";

/** Below it digits would only fill their line. */
const LEAST_SHARE = 0.00001;

/** What a card shows. */
export interface CardContent {
  /** What the text is called that the token is of. */
  pane: string;
  history: TokenHistory;
  law: LawState;
  numSteps: number;
  isPinned: boolean;
}

/** All that is known of one token: what it is, who wrote it and when, what stood there before, and what else might have. */
export function renderCard({ history, law, numSteps, isPinned }: CardContent, onClose: () => void): TemplateResult {
  const { held, state, logprob, written, changes, rejected, drafter } = history;
  return html`<header>
      ${held && state !== "mask" ? textOf(held) : html`<span class="mask-sign">${words.mask}</span>`}
      <span class="token-state">${stateWords(state, changes)}</span>
      ${isPinned ? html`<button type="button" class="quiet" aria-label=${words.close} @click=${onClose}>×</button>` : nothing}
    </header>
    <dl>
      ${held && state !== "mask" ? html`<div><dt>${words.id}</dt><dd data-token="id">${held.token}</dd></div>` : nothing}
      ${logprob === null ? nothing : html`<div><dt>${words.probability}</dt><dd data-token="probability">${percent(Math.exp(logprob))}</dd></div>`}
      ${written ? html`<div><dt>${words.writtenIn}</dt><dd data-token="written">${words.writtenAt(written.step, numSteps, written.forwards)}</dd></div>` : nothing}
    </dl>
    ${changes.length > 0 ? html`<ol class="token-story">${changes.map((change) => html`<li>${changeWords(change, drafter)}</li>`)}</ol>` : nothing}
    ${rejected.length > 0 ? html`<p>${words.insteadOf} ${rejected.map((one) => html`${textOf(one, "rejected")} `)}</p>` : nothing}
    <div class="token-law" aria-live=${isPinned ? "polite" : "off"}>${renderLaw(law, history)}</div>`;
}

function renderLaw(law: LawState, { held, written, state }: TokenHistory): TemplateResult | typeof nothing {
  if (law === "nothing drawn") return nothing;
  if (law === "asking") return html`<p>${words.asking}</p>`;
  if (law === "busy") return html`<p>${words.busy}</p>`;
  if (law === "absent") return html`<p>${words.absent}</p>`;
  if ("error" in law) return html`<p>${words.failed(law.error.message)}</p>`;
  const isShown = state === "mask" ? null : (held?.token ?? null);
  return html`<h3>${words.law}</h3>
    <p>${words.entropy} <b data-token="entropy">${formatNumber(law.entropyNats)}</b> ${words.nats}</p>
    <ol class="token-likely">${law.top.map((one) => renderLikely(one, one.token === isShown))}</ol>
    ${law.written !== null && isShown !== null && !law.top.some(({ token }) => token === isShown) ? html`<p>${words.outside(percent(law.written))}</p>` : nothing}
    <p class="token-note">${words.lawNote(written?.step ?? null)}</p>`;
}

function renderLikely({ token, text, probability }: TokenLaw["top"][number], isShown: boolean): TemplateResult {
  return html`<li data-id=${token} data-probability=${probability} ?data-shown=${isShown}>
    <span>${textOf({ token, text })}${isShown ? html` <small>${words.thisOne}</small>` : nothing}</span>
    <i aria-hidden="true"><b .style=${`inline-size:${(probability * 100).toFixed(1)}%`}></b></i>
    <span>${percent(probability)}</span>
  </li>`;
}

/** A token's text as it can be seen; one without a text by its id. */
function textOf({ token, text }: HeldToken, kind = ""): TemplateResult {
  return html`<bdi class="token-text ${kind}">${text === "" ? words.noText(token) : visibleText(text)}</bdi>`;
}

function stateWords(state: SlotState | null, changes: readonly PlaceChange[]): string {
  if (state !== null) return words.states[state];
  return changes.at(-1)?.move === "reject" ? words.rejectedState : words.gone;
}

function changeWords({ step, move, before, after }: PlaceChange, drafter: string | null): string {
  const [was, is] = [before, after].map((one) => (one ? visibleText(one.text) || words.noText(one.token) : ""));
  return words.inStep(step, words.moves[move](was, is, drafter));
}

/** A share with so many digits that small ones differ from none; of the least that they are less than what is told. */
function percent(share: number): string {
  return share > 0 && share < LEAST_SHARE ? words.less(`${LEAST_SHARE * 100} %`) : `${formatNumber(share * 100)} %`;
}
