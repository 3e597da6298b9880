import { html, nothing, svg, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { Replay } from "./replay.js";
import { replayWords } from "./words/first.js";

/** Bars that are drawn at most: of more steps each bar has several. */
const MAX_BARS = 160;

/** A slider over the steps of a run under bars of what each committed; nothing for a run of one step. */
export function renderReplay(
  replay: Replay,
  label: string,
  onMove: (step: number) => void,
): TemplateResult | typeof nothing {
  const { position, numSteps, commits } = replay;
  if (numSteps < 2) return nothing;
  const words = positionWords(position, commits);
  return html`<div class="replay" part="replay">
    ${renderBars(commits, position)}
    <input type="range" min="0" max=${numSteps} step="1" aria-label=${replayWords.step(label)} aria-valuetext=${words}
      .value=${live(String(position))}
      @input=${(event: Event) => onMove(Number((event.target as HTMLInputElement).value))} />
    <output aria-live="off">${words}</output>
  </div>`;
}

function positionWords(position: number, commits: readonly number[]): string {
  if (position === 0) return replayWords.before(commits.length);
  return replayWords.at(position, commits.length, commits[position - 1]);
}

function renderBars(commits: readonly number[], position: number): TemplateResult {
  const size = Math.ceil(commits.length / MAX_BARS);
  const bars = Array.from({ length: Math.ceil(commits.length / size) }, (_, i) => {
    const steps = commits.slice(i * size, (i + 1) * size);
    return steps.reduce((sum, count) => sum + count, 0) / steps.length;
  });
  const most = Math.max(1, ...bars);
  return html`<svg class="bars" viewBox="0 0 ${bars.length} 1" preserveAspectRatio="none" aria-hidden="true">
    ${bars.map((height, i) => {
      const share = height / most;
      const isShown = i * size < position;
      return svg`<rect class=${isShown ? "shown" : ""} x=${i + 0.1} width="0.8" y=${1 - share} height=${share}></rect>`;
    })}
  </svg>`;
}
