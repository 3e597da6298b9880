import { html, svg, type TemplateResult } from "lit";
import { placeNames } from "./frontier-names.js";
import { save } from "./ui/charts/files.js";
import { frontierWords } from "./ui/words/pages.js";

/** One way to decode, as a mark. */
export interface Mark {
  name: string;
  /** The series that it belongs to. */
  series: string;
  x: number;
  y: number;
  /** Has its name beside it even where something beats it: what the others are compared with. */
  isBaseline: boolean;
}

/** What a plot shows, and around it. */
export interface Plot {
  /** What stands above it. */
  title: string;
  note: string;
  marks: readonly Mark[];
  /** All series that there are, shown or not, so that colours stay. */
  series: readonly string[];
  xLabel: string;
  yLabel: string;
  /** Whether more of y is better. */
  isUp: boolean;
  /** On a narrow screen it is drawn smaller, so that its words aren't. */
  isNarrow: boolean;
  selected: string | null;
  select(name: string): void;
}

const WIDE = { width: 760, height: 440, left: 56, right: 130, top: 16, bottom: 46 };
const NARROW = { width: 360, height: 360, left: 46, right: 14, top: 16, bottom: 46 };

/** Colour of a series, by its place: hues as far apart as so many can be. */
export function colourOf(series: readonly string[], name: string): string {
  const hue = Math.round((series.indexOf(name) * 360) / series.length);
  return `light-dark(hsl(${hue} 75% 36%), hsl(${hue} 70% 66%))`;
}

/** Marks that no other one beats in both directions, by x. */
export function frontierOf(marks: readonly Mark[], isUp: boolean): Mark[] {
  const isBetter = (a: number, b: number) => (isUp ? a > b : a < b);
  const beats = (a: Mark, b: Mark) => a.x >= b.x && !isBetter(b.y, a.y) && (a.x > b.x || isBetter(a.y, b.y));
  return marks.filter((mark) => !marks.some((other) => beats(other, mark))).sort((a, b) => a.x - b.x);
}

/** About five round values that divide `min` to `max`. */
function ticksOf(min: number, max: number): number[] {
  const rough = (max - min) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const first = Math.ceil(min / step);
  return Array.from({ length: Math.floor(max / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

/** Marks in their series' colours, and a line through those that nothing beats, which have their names beside them. */
export function renderPlot(plot: Plot): TemplateResult {
  const { title, note, marks, series, xLabel, yLabel, isUp, isNarrow, selected, select } = plot;
  const { width, height, ...edge } = isNarrow ? NARROW : WIDE;
  const [minX, maxX] = rangeOf(marks.map((mark) => mark.x));
  const [minY, maxY] = rangeOf(marks.map((mark) => mark.y));
  const x = (value: number) => edge.left + ((value - minX) / (maxX - minX)) * (width - edge.left - edge.right);
  const y = (value: number) =>
    height - edge.bottom - ((value - minY) / (maxY - minY)) * (height - edge.top - edge.bottom);
  const frontier = frontierOf(marks, isUp);
  // What others are compared with has its name first.
  const named = [...new Set([...marks.filter(({ isBaseline }) => isBaseline), ...frontier])];
  const names = placeNames(
    named.map((mark) => ({ name: mark.name, x: x(mark.x), y: y(mark.y) })),
    width,
  );
  const [right, bottom] = [width - edge.right, height - edge.bottom];
  return html`<figure class="plot"><figcaption><strong>${title}</strong> <span>${note}</span></figcaption>
  <svg class="frontier" viewBox="0 0 ${width} ${height}" aria-hidden="true">
    ${ticksOf(minY, maxY).map((tick) => svg`<path class="grid" d="M${edge.left} ${y(tick)}H${right}" /><text x=${edge.left - 8} y=${y(tick) + 4} text-anchor="end">${tick}</text>`)}
    ${ticksOf(minX, maxX).map((tick) => svg`<path class="grid" d="M${x(tick)} ${edge.top}V${bottom}" /><text x=${x(tick)} y=${bottom + 18} text-anchor="middle">${tick}</text>`)}
    <text x=${(edge.left + right) / 2} y=${height - 8} text-anchor="middle">${xLabel}</text>
    <text x="14" y=${bottom / 2} text-anchor="middle" transform="rotate(-90 14 ${bottom / 2})">${yLabel}</text>
    <path class="front" d=${frontier.map((mark, i) => `${i === 0 ? "M" : "L"}${x(mark.x)} ${y(mark.y)}`).join("")} />
    ${names.map((one) => svg`<text class="name" x=${one.x} y=${one.y} text-anchor=${one.anchor}>${one.name}</text>`)}
    ${marks.map(
      (mark) => svg`<path class=${mark.name === selected ? "mark selected" : "mark"}
        d=${shapeOf(mark, x(mark.x), y(mark.y), mark.name === selected ? 8 : 5)}
        style="fill: ${colourOf(series, mark.series)}" @click=${() => select(mark.name)}><title>${mark.name}</title></path>`,
    )}
  </svg>
  <button type="button" class="save" aria-label=${frontierWords.savePng(title)}
    @click=${(event: Event) => savePng(event, title)}>${frontierWords.png}</button></figure>`;
}

/** A disc; a diamond for a baseline. */
function shapeOf({ isBaseline }: Mark, x: number, y: number, radius: number): string {
  const half = 1.35 * radius;
  return isBaseline
    ? `M${x} ${y - half}l${half} ${half}l${-half} ${half}l${-half} ${-half}z`
    : `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0z`;
}

/** Saves the drawing beside a button. */
async function savePng({ target }: Event, title: string): Promise<void> {
  const drawing = (target as Element).closest("figure")?.querySelector("svg");
  if (!drawing) return;
  const { pictureOf } = await import("./frontier-picture.js");
  save("frontier.png", await pictureOf(drawing, title));
}

/** The range of the values, and a little on both sides. */
function rangeOf(values: readonly number[]): [number, number] {
  const [min, max] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const margin = Math.max(0.04 * (max - min), 0.01);
  return [min - margin, max + margin];
}
