import { html, nothing, type TemplateResult } from "lit";
import type { CostCurve } from "../worker/client.js";
import { speedUp } from "../vocabulary/figures.js";
import { renderDraftTree, treeHeight } from "./draft-tree-view.js";
import { formatNumber } from "./figures.js";
import type { Round } from "./round.js";
import type { Rounds } from "./rounds.js";
import { roundWords } from "./words/late.js";

/** The look of the panel, and the marks of rounds' own tokens in the text. */
export { roundsStyle as style } from "./rounds-style.js";

/** What a run's time is compared with. */
export interface SpeedUp {
  /** Which pane's run it is, where several draft. */
  of?: string;
  /** Tokens per second by own time: of the run, and of plain decoding from the same prompt. */
  tokensPerSecond: number | null;
  plainTokensPerSecond: number | null;
  /** v(M) as measured for this device apart from the run. */
  measuredCosts: CostCurve | null;
  /** Where a person gets measured costs. */
  costsHint: string;
}

/**
 * How the drafts of a run fared: the latest round as a tree, rounds by accepted drafts, acceptance by depth, and what it gained. A run
 * that could have drafted and didn't says why, and what it gained all the same.
 */
export function renderRounds(rounds: Rounds, speed: SpeedUp): TemplateResult {
  return html`<details class="more rounds" part="rounds" open>
    <summary>${roundWords.title(speed.of)} <span class="count">${sumUp(rounds)}</span></summary>
    ${rounds.latest ? renderLatest(rounds, rounds.latest) : nothing}
    <div class="rounds-parts">
      ${rounds.latest ? renderShares(rounds) : nothing}
      ${renderSpeedUp(rounds, speed)}
    </div>
  </details>`;
}

/** How many rounds drafted, and how much of it was right; of a whole run without drafts, why there were none. */
function sumUp({ numRounds, numPlainRounds, byDepth, drafting, isDone }: Rounds): string {
  const drafted = roundWords.drafted(numRounds);
  const accepted = byDepth.reduce((sum, depth) => sum + depth.accepted, 0);
  if (numRounds > 0) return roundWords.accepted(drafted, formatNumber(accepted / numRounds));
  if (!isDone || numPlainRounds === 0) return drafted;
  if (drafting?.most === 0) return roundWords.noneAsked(drafted);
  return drafting?.schedule === "adaptive" ? roundWords.plainFaster(drafted) : roundWords.noneFound(drafted);
}

function renderLatest({ mostLeaves, texts }: Rounds, latest: Round): TemplateResult {
  return html`<div class="latest" tabindex="0" role="group" aria-label=${roundWords.latest}
      .style=${`min-block-size:min(${treeHeight(mostLeaves + 1)}px, 12rem)`}>
      ${renderDraftTree(latest, texts)}
    </div>`;
}

function renderShares({ byLength, byDepth, own }: Rounds): TemplateResult {
  const most = Math.max(...byLength);
  return html`<table class="shares">
      <caption>${roundWords.shares} <span>${roundWords.sharesNote(own.recovered, own.bonus)}</span></caption>
      <thead class="unseen"><tr><th scope="col">${roundWords.acceptedHead}</th><th scope="col">${roundWords.shareHead}</th><th scope="col">${roundWords.roundsHead}</th></tr></thead>
      <tbody>${byLength.map((count, length) => renderShare(String(length), count / most, String(count)))}</tbody>
    </table>
    <table class="shares">
      <caption>${roundWords.byDepth} <span>${roundWords.byDepthNote}</span></caption>
      <thead class="unseen"><tr><th scope="col">${roundWords.depthHead}</th><th scope="col">${roundWords.shareHead}</th><th scope="col">${roundWords.acceptedHead}</th></tr></thead>
      <tbody>${byDepth.map(({ tried, accepted }, i) =>
        renderShare(String(i + 1), accepted / tried, roundWords.of(accepted, tried)),
      )}</tbody>
    </table>`;
}

function renderShare(name: string, share: number, value: string): TemplateResult {
  return html`<tr><th scope="row">${name}</th>
    <td><i aria-hidden="true"><b .style=${`inline-size:${(share * 100).toFixed(1)}%`}></b></i></td><td>${value}</td></tr>`;
}

function renderSpeedUp(rounds: Rounds, speed: SpeedUp): TemplateResult {
  const { tokensPerSecond, plainTokensPerSecond } = speed;
  const measured = speedUp(tokensPerSecond, plainTokensPerSecond);
  const predicted = rounds.predict(speed.measuredCosts);
  return html`<div class="gain"><dl>
    <div data-figure="speed-up" title=${roundWords.measuredDoc}>
      <dt>${roundWords.measured}</dt><dd>${formatNumber(measured)}${measured === null ? "" : " ×"}</dd></div>
    <div data-figure="predicted-speed-up" title=${roundWords.predictedDoc}>
      <dt>${roundWords.predicted}</dt><dd>${predicted ? `${formatNumber(predicted.speedUp)} ×` : "–"}</dd></div>
    <div data-figure="draft-share" title=${roundWords.partsDoc}>
      <dt>${roundWords.parts}</dt><dd>${predicted ? renderParts(predicted.draftShare) : "–"}</dd></div>
  </dl>
  ${predicted ? nothing : html`<p>${roundWords.needsCosts(speed.costsHint)}</p>`}</div>`;
}

function renderParts(draftShare: number): string {
  const percent = Math.round(draftShare * 100);
  return `${percent} / ${100 - percent} %`;
}
