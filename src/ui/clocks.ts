import { html, nothing, type TemplateResult } from "lit";
import { formatMs } from "./figures.js";
import type { Pane } from "./pane.js";

interface Clock {
  title: string;
  note: string;
  read(pane: Pane): number;
  format(value: number): string;
}

const CLOCKS: readonly Clock[] = [
  {
    title: "Time on this device",
    note: "A CPU (wasm, or a software adapter of WebGPU) pays for every row, so drafting and denoising cost more here than on a GPU.",
    read: ({ tally }) => tally.ownMs,
    format: formatMs,
  },
  {
    title: "Forward passes",
    note: "A GPU limited by memory bandwidth runs 16 rows in about the time of one: there this clock is nearer.",
    read: ({ tally }) => tally.forwards,
    format: String,
  },
];

/** The two clocks of a race: what each pane took in time, and in forward passes of its main model. Shorter is better. */
export function renderClocks(panes: readonly Pane[]): TemplateResult {
  return html`<div part="clocks" class="clocks">${CLOCKS.map((clock) => renderClock(clock, panes))}</div>`;
}

function renderClock({ title, note, read, format }: Clock, panes: readonly Pane[]): TemplateResult {
  const longest = Math.max(1, ...panes.map(read));
  return html`<figure>
    <figcaption><strong>${title}</strong> <span>shorter is better</span></figcaption>
    ${panes.map(
      (pane) => html`<div class="bar" data-pane=${pane.name} data-kind=${pane.kind ?? nothing}>
        <span>${pane.label}</span>
        <i aria-hidden="true"><b style="inline-size:${((read(pane) / longest) * 100).toFixed(1)}%"></b></i>
        <output>${read(pane) > 0 ? format(read(pane)) : "–"}</output>
      </div>`,
    )}
    <p>${note}</p>
  </figure>`;
}
