import { html, svg, type TemplateResult } from "lit";

/** One way to decode, as a mark. */
export interface Mark {
  name: string;
  /** The series that it belongs to. */
  series: string;
  x: number;
  y: number;
}

/** What a plot shows, and around it. */
export interface Plot {
  marks: readonly Mark[];
  /** All series that there are, shown or not, so that colours stay. */
  series: readonly string[];
  xLabel: string;
  yLabel: string;
  /** Whether more of y is better. */
  isUp: boolean;
  selected: string | null;
  select(name: string): void;
}

const WIDTH = 760;
const HEIGHT = 440;
/** A name that begins further right would leave the plot: it stands on the left of its mark. */
const NAME_ROOM = 580;
const EDGE = { left: 56, right: 130, top: 16, bottom: 46 };

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
export function ticksOf(min: number, max: number): number[] {
  const rough = (max - min) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const first = Math.ceil(min / step);
  return Array.from({ length: Math.floor(max / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

/** Marks in their series' colours, and a line through those that nothing beats, which have their names beside them. */
export function renderPlot({ marks, series, xLabel, yLabel, isUp, selected, select }: Plot): TemplateResult {
  const [minX, maxX] = rangeOf(marks.map((mark) => mark.x));
  const [minY, maxY] = rangeOf(marks.map((mark) => mark.y));
  const x = (value: number) => EDGE.left + ((value - minX) / (maxX - minX)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value: number) =>
    HEIGHT - EDGE.bottom - ((value - minY) / (maxY - minY)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const frontier = frontierOf(marks, isUp);
  const [right, bottom] = [WIDTH - EDGE.right, HEIGHT - EDGE.bottom];
  return html`<svg class="frontier" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
    ${ticksOf(minY, maxY).map((tick) => svg`<path class="grid" d="M${EDGE.left} ${y(tick)}H${right}" /><text x=${EDGE.left - 8} y=${y(tick) + 4} text-anchor="end">${tick}</text>`)}
    ${ticksOf(minX, maxX).map((tick) => svg`<path class="grid" d="M${x(tick)} ${EDGE.top}V${bottom}" /><text x=${x(tick)} y=${bottom + 18} text-anchor="middle">${tick}</text>`)}
    <text x=${(EDGE.left + right) / 2} y=${HEIGHT - 8} text-anchor="middle">${xLabel}</text>
    <text x="14" y=${bottom / 2} text-anchor="middle" transform="rotate(-90 14 ${bottom / 2})">${yLabel}</text>
    <path class="front" d=${frontier.map((mark, i) => `${i === 0 ? "M" : "L"}${x(mark.x)} ${y(mark.y)}`).join("")} />
    ${frontier.map((mark) => {
      const isFar = x(mark.x) > NAME_ROOM;
      return svg`<text class="name" x=${x(mark.x) + (isFar ? -9 : 9)} y=${y(mark.y) + 4} text-anchor=${isFar ? "end" : "start"}>${mark.name}</text>`;
    })}
    ${marks.map(
      (
        mark,
      ) => svg`<circle class=${mark.name === selected ? "mark selected" : "mark"} cx=${x(mark.x)} cy=${y(mark.y)} r=${mark.name === selected ? 8 : 5}
        style="fill: ${colourOf(series, mark.series)}" @click=${() => select(mark.name)}><title>${mark.name}</title></circle>`,
    )}
  </svg>`;
}

/** Of the values, and a little on both sides. */
function rangeOf(values: readonly number[]): [number, number] {
  const [min, max] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const margin = Math.max(0.04 * (max - min), 0.01);
  return [min - margin, max + margin];
}
