import { html, nothing, type TemplateResult } from "lit";
import { formatMs } from "./figures.js";
import type { Pane } from "./pane.js";
import { clockWords as WORDS } from "./words/first.js";

interface Clock {
  title(panes: readonly Pane[]): string;
  read(pane: Pane): number;
  format(value: number): string;
}

const CLOCKS: readonly Clock[] = [
  {
    title: (panes) => (panes.some(({ isRecorded }) => isRecorded) ? WORDS.timeThere : WORDS.time),
    read: ({ tally }) => tally.ownMs,
    format: formatMs,
  },
  { title: () => WORDS.passes, read: ({ tally }) => tally.forwards, format: String },
];

/** The two clocks of a race: what each pane took in time, and in forward passes of its main model. Shorter is better. */
export function renderClocks(panes: readonly Pane[]): TemplateResult {
  return html`<div part="clocks" class="clocks">${CLOCKS.map((clock) => renderClock(clock, panes))}</div>`;
}

/** Why the two clocks don't agree. */
export function renderWhy(): TemplateResult {
  return html`<div class="why"><p>${WORDS.whyTime}</p><p>${WORDS.whyPasses}</p></div>`;
}

function renderClock({ title, read, format }: Clock, panes: readonly Pane[]): TemplateResult {
  const longest = Math.max(1, ...panes.map(read));
  return html`<figure>
    <figcaption><strong>${title(panes)}</strong> <span>${WORDS.shorter}</span></figcaption>
    ${panes.map(
      (pane) => html`<div class="bar" data-pane=${pane.name} data-kind=${pane.kind ?? nothing}>
        <span>${pane.label}</span>
        <i aria-hidden="true"><b .style=${`transform:scaleX(${(read(pane) / longest).toFixed(3)})`}></b></i>
        <output>${format(read(pane))}</output>
      </div>`,
    )}
  </figure>`;
}
