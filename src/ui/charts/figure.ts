import { html, nothing, render, type TemplateResult } from "lit";
import { chartWords as words } from "../words/late.js";
import { type Chart, type ChartData, csvOf, tableOf, type Tone } from "./chart.js";
import { pngOf, save } from "./files.js";
import { Plot } from "./plot.js";
import { colourName, dashOf, hatchOf, type Theme, TILE } from "./theme.js";

/** Rows of a table that are shown: more would take longer to lay out than a frame lasts. */
const MAX_ROWS = 400;

/** One chart on the page: its sentence, legend, drawing or table, and what saves it. */
export class ChartFigure {
  readonly root = document.createElement("figure");
  private readonly frame = document.createElement("div");
  private readonly plot = new Plot((place) => this.read(place));
  private chart: Chart = { says: "", data: null };
  private theme: Theme | null = null;
  private isTable = false;
  private place: number | null = null;

  /** `extra`: what stands beside the buttons. */
  constructor(
    readonly name: string,
    private readonly title: string,
    private readonly extra: () => TemplateResult | typeof nothing = () => nothing,
  ) {
    this.root.className = "chart";
    this.root.dataset.chart = name;
    this.frame.className = "plot-frame";
    this.frame.append(this.plot.root);
  }

  /** Shows the chart as it is now. */
  show(chart: Chart, theme: Theme): void {
    this.chart = chart;
    this.theme = theme;
    this.draw();
  }

  /** Takes the drawing away, and all that listens for it. */
  close(): void {
    this.plot.close();
  }

  private draw(): void {
    const { data } = this.chart;
    this.frame.hidden = this.isTable || data === null;
    render(this.template(), this.root);
    if (this.frame.hidden || !this.theme || !data) this.plot.close();
    else if (this.frame.clientWidth > 0) this.plot.draw(data, this.theme, this.frame.clientWidth);
  }

  private template(): TemplateResult {
    const { says, data } = this.chart;
    const { name, title } = this;
    this.frame.setAttribute("role", "img");
    this.frame.setAttribute("aria-labelledby", `chart-${name}`);
    this.frame.setAttribute("aria-describedby", `says-${name}`);
    return html`<figcaption id="chart-${name}"><strong>${title}</strong></figcaption>
      <p id="says-${name}" class="says">${says}</p>
      ${data ? this.renderLegend(data) : nothing}
      ${this.frame}
      ${data && this.isTable ? this.renderTable(data) : nothing}
      <p class="read" aria-hidden="true">${data && !this.isTable && this.place !== null ? readAt(data, this.place) : nothing}</p>
      <div class="chart-act">${this.extra()}${data ? this.renderSaving(data) : nothing}</div>`;
  }

  private renderSaving(data: ChartData): TemplateResult {
    const { name, title } = this;
    return html`<button type="button" class="quiet" aria-pressed=${String(this.isTable)} aria-label=${words.tableFor(title)}
        @click=${() => this.turn()}>${words.table}</button>
      <button type="button" class="quiet" aria-label=${words.saveAs(title, words.png)}
        @click=${() => this.savePng(data)}>${words.png}</button>
      <button type="button" class="quiet" aria-label=${words.saveAs(title, words.csv)}
        @click=${() => save(`${name}.csv`, new Blob([csvOf(data)], { type: "text/csv" }))}>${words.csv}</button>`;
  }

  private renderLegend({ series, form }: ChartData): TemplateResult {
    const isBars = form === "bars" || form === "stack";
    return html`<ul class="keys">${series.map(
      ({ label, tone }) => html`<li>${isBars ? renderTile(tone, this.name) : renderDash(tone)}${label}</li>`,
    )}</ul>`;
  }

  private renderTable(data: ChartData): TemplateResult {
    const { heads, rows } = tableOf(data);
    const name = words.tableOf(this.title);
    return html`<div class="chart-table" tabindex="0" role="region" aria-label=${name}>
      <table>
        <caption class="unseen">${this.title}, ${data.yLabel}</caption>
        <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
        <tbody>${rows
          .slice(0, MAX_ROWS)
          .map(
            ([head, ...cells]) =>
              html`<tr><th scope="row">${head}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
          )}</tbody>
      </table>
      ${rows.length > MAX_ROWS ? html`<p>${words.firstRows(MAX_ROWS, rows.length)}</p>` : nothing}
    </div>`;
  }

  private turn(): void {
    this.isTable = !this.isTable;
    this.draw();
  }

  private read(place: number | null): void {
    if (place === this.place) return;
    this.place = place;
    render(this.template(), this.root);
  }

  private async savePng(data: ChartData): Promise<void> {
    const { theme } = this;
    if (!theme) return;
    // A table has no drawing: one is made for the file.
    const plot = this.plot.canvas ? this.plot : new Plot(() => {});
    if (plot !== this.plot) plot.draw(data, theme, this.root.clientWidth);
    // The plot draws behind the current task.
    await new Promise((resolve) => setTimeout(resolve));
    const { canvas } = plot;
    if (canvas) save(`${this.name}.png`, await pngOf({ ...data, ...this.chart, title: this.title }, canvas, theme));
    if (plot !== this.plot) plot.close();
  }
}

/** The values at one x, in words. */
function readAt({ xLabel, yLabel, xs, names, series }: ChartData, place: number): string {
  const known = series.flatMap(({ label, ys }) => (ys[place] == null ? [] : [`${label} ${ys[place]}`]));
  return words.colon(`${xLabel} ${names?.[place] ?? xs[place]}, ${yLabel}`, known.join(", "));
}

function renderDash(tone: Tone): TemplateResult {
  return html`<svg width="28" height="8" aria-hidden="true"><path d="M1 4H27" fill="none" stroke-width="2"
    .style=${`stroke:var(${colourName(tone)})`} stroke-dasharray=${dashOf(tone).join(" ") || nothing}></path></svg>`;
}

function renderTile(tone: Tone, name: string): TemplateResult {
  const id = `tile-${name}-${tone}`;
  const colour = `var(${colourName(tone)})`;
  return html`<svg width="16" height="12" aria-hidden="true"><defs><pattern id=${id} width=${TILE} height=${TILE}
      patternUnits="userSpaceOnUse"><path d=${hatchOf(tone)} fill="none" stroke-width="1.6" .style=${`stroke:${colour}`}></path></pattern></defs>
    <rect x=".5" y=".5" width="15" height="11" .style=${`stroke:${colour};fill:${hatchOf(tone) ? `url(#${id})` : colour}`}></rect></svg>`;
}
