import { html, svg, type TemplateResult } from "lit";
import type { CostCurve } from "../worker/client.js";
import { formatNumber } from "./figures.js";

/** Units of the drawing. */
const WIDTH = 320;
const HEIGHT = 180;
const LEFT = 30;
const BOTTOM = 24;
const TOP = 10;
const RIGHT = 10;

/**
 * v(M) as a line over the number of rows, beside the line of forwards that gain nothing by being one; then the same as a
 * table. Costs that were guessed are hollow, and marked in the table.
 */
export function renderCosts({ rows, ratio, numMeasured, forwardMs }: CostCurve): TemplateResult {
  const most = rows[rows.length - 1];
  const highest = Math.max(...ratio, 2);
  const x = (numRows: number) => LEFT + ((numRows - 1) / Math.max(1, most - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (cost: number) => HEIGHT - BOTTOM - (cost / highest) * (HEIGHT - BOTTOM - TOP);
  const ticks = [1, Math.round(highest / 2), Math.floor(highest)].filter((tick, i, all) => all.indexOf(tick) === i);
  return html`<figure class="costs" tabindex="0" aria-label="Cost of a forward">
    <figcaption><strong>Cost of a forward</strong> <span>by its rows; one row takes ${formatNumber(forwardMs)} ms</span></figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
      ${ticks.map((tick) => svg`<path class="grid" d="M${LEFT} ${y(tick)}H${WIDTH - RIGHT}" /><text x=${LEFT - 6} y=${y(tick) + 4} text-anchor="end">${tick}</text>`)}
      ${[1, Math.round(most / 4), Math.round(most / 2), most].map((tick) => svg`<text x=${x(tick)} y=${HEIGHT - 6} text-anchor="middle">${tick}</text>`)}
      <path class="apart" d="M${x(1)} ${y(1)}L${x(Math.min(most, highest))} ${y(Math.min(most, highest))}" />
      <path class="line" d=${rows.map((numRows, i) => `${i === 0 ? "M" : "L"}${x(numRows)} ${y(ratio[i])}`).join("")} />
      ${rows.map((numRows, i) => svg`<circle class=${i < numMeasured ? "measured" : "guessed"} cx=${x(numRows)} cy=${y(ratio[i])} r="3.5" />`)}
    </svg>
    <table>
      <thead><tr><th scope="row">rows</th>${rows.map((numRows) => html`<th scope="col">${numRows}</th>`)}</tr></thead>
      <tbody><tr><th scope="row">cost</th>${ratio.map((cost, i) => html`<td>${i < numMeasured ? "" : "~"}${formatNumber(cost)}</td>`)}</tr></tbody>
    </table>
    <p>In forwards of one row. Dashed: so many forwards of their own.${numMeasured < rows.length ? " ~ is guessed: the time for measuring was over." : ""}</p>
  </figure>`;
}
