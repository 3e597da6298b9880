import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { AUTO } from "../vocabulary/device.js";
import type { WireError } from "../vocabulary/errors.js";
import { adviceFor, plainWords } from "./advice.js";
import { renderError } from "./error-note.js";
import { formatBytes, renderMetrics } from "./figures.js";
import type { Pane } from "./pane.js";
import { isSame, type PaneState } from "./pane-outcome.js";
import { renderReplay } from "./replay-panel.js";
import { paneSentence } from "./step-sentence.js";
import { textWords, paneWords } from "./words/first.js";

/**
 * The pane's region; `children` go below its figures, `buttons` into its head. `shared`: a failure that the element shows once for all its panes;
 * `isOpen`: others may yet fail alike, so that its own failure isn't spoken.
 */
export function renderPane(
  pane: Pane,
  maxNewTokens: number | undefined,
  children: TemplateResult | typeof nothing = nothing,
  shared: WireError | null = null,
  buttons: TemplateResult | typeof nothing = nothing,
  isOpen = false,
): TemplateResult {
  const { label, state, tally, failure } = pane;
  const share = maxNewTokens ? Math.min(1, tally.tokens / maxNewTokens) : 0;
  return html`<section class="pane" aria-label=${label} data-state=${state} data-pane=${pane.name} data-kind=${pane.kind ?? nothing}>
    <div part="pane" class="pane-top">
    <header class="pane-head">
      <div class="pane-name"><h2>${label}</h2><span class="status" title=${pane.status}>${pane.status}</span></div>
      <button type="button" class="quiet" aria-label=${paneWords.copyText(label.toLowerCase())}
        ?disabled=${tally.tokens === 0} @click=${() => pane.copy()}>${pane.isCopied ? paneWords.copied : paneWords.copy}</button>${buttons}
    </header>
    <div class="travel" aria-hidden="true"><i .style=${`transform:scaleX(${share.toFixed(3)})`}></i></div>
    <div class="paper" tabindex="0" role="group" aria-label=${textWords.paper}>
      ${state === "loading" ? renderProgress(pane) : nothing}
      ${pane.isPreparing ? html`<div class="loading"><progress aria-label=${paneWords.preparing}></progress></div>` : nothing}
      ${failure ? renderFailure(failure, state, { isShared: isSame(failure, shared), isOpen }) : nothing}
      <p><span part="prompt" dir="auto">${pane.prompt}</span>${pane.view.root}</p>
    </div>
    <div class="foot-line"><p part="step" class="step">${paneSentence(pane)}</p>${renderMarks(pane)}</div>
    </div>
    <div part="pane" class="pane-more">
    <div class="replay-place">${state === "done" ? renderReplay(pane.replay, label, (step) => pane.showStep(step)) : nothing}</div>
    <div class="law-place">${pane.law ? html`<p part="law" class="law">${pane.law.sentence}</p>` : nothing}</div>
    ${renderMetrics(tally)} ${children}
    </div>
  </section>`;
}

function renderMarks({ fidelity, boundNats, badge }: Pane): TemplateResult {
  return html`<div class="marks">
    ${badge ? html`<span part="badge" class="mark ${badge.isGood ? "good" : "bad"}">${badge.text}</span>` : nothing}
    ${fidelity ? html`<span part="fidelity" class="mark">${fidelity}</span>` : nothing}
    ${
      boundNats !== null
        ? html`<span part="bound" class="mark" title=${paneWords.bound}>${paneWords.mostNats(boundNats)}</span>`
        : nothing
    }
  </div>`;
}

function renderProgress({ models, waitsFor }: Pane): TemplateResult {
  const { loaded, total } = models.bytes;
  const isHere = total > 0 && loaded >= total;
  const words = total > 0 ? paneWords.loadingOf(formatBytes(loaded), formatBytes(total)) : paneWords.opening;
  // How long a device takes isn't known.
  const bar =
    total === 0 || isHere || waitsFor
      ? html`<progress aria-label=${waitsFor ?? paneWords.gettingReady}></progress>`
      : html`<progress aria-label=${paneWords.loading} .max=${total} .value=${loaded}></progress>`;
  return html`<div class="loading">${bar}
    <span>${waitsFor ?? (isHere ? paneWords.weightsHere : words)}</span>
  </div>`;
}

function renderFailure(
  failure: WireError,
  state: PaneState,
  { isShared, isOpen }: { isShared: boolean; isOpen: boolean },
): unknown {
  if (isShared) return html`<p class="calm">${paneWords.nothing}</p>`;
  // What is spoken is a new element: a role that one gets later isn't told.
  if (state !== "unable") return keyed(isOpen, renderError(failure, AUTO, !isOpen));
  return html`<p class="calm" part="error" data-code=${failure.code}>${[plainWords(failure.code) ?? failure.message, ...adviceFor(failure.code)].join(" ")}</p>`;
}
