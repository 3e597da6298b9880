/** One curve or set of marks. */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  isLine: boolean;
}

/** Words around a plot. */
export interface PlotText {
  title: string;
  x: string;
  y: string;
}

const WIDTH = 720;
const HEIGHT = 420;
const EDGE = { left: 60, right: 20, top: 40, bottom: 50 };
// Told apart by readers with any colour vision, on white.
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#888888"];

/** A round step that divides `span` in 4 to 10 parts. */
export function tickStep(span: number): number {
  const power = 10 ** Math.floor(Math.log10(span / 4));
  return [5, 2, 1].map((factor) => factor * power).find((step) => span / step >= 4) ?? power;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A plot with linear axes from 0, as an SVG document. */
export function plot({ title, x, y }: PlotText, series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const maxX = Math.max(...points.map(([value]) => value));
  const maxY = Math.max(...points.map(([, value]) => value)) * 1.05;
  const px = (value: number) => (EDGE.left + (value / maxX) * (WIDTH - EDGE.left - EDGE.right)).toFixed(1);
  const py = (value: number) => (HEIGHT - EDGE.bottom - (value / maxY) * (HEIGHT - EDGE.top - EDGE.bottom)).toFixed(1);
  const ticks = (max: number) => {
    const step = tickStep(max);
    return Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
  };
  const text = (at: string, words: string | number) => `<text ${at}>${escaped(String(words))}</text>`;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(`x="${WIDTH / 2}" y="22" text-anchor="middle" font-size="15"`, title),
    text(`x="${WIDTH / 2}" y="${HEIGHT - 12}" text-anchor="middle"`, x),
    text(`x="16" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 16 ${HEIGHT / 2})"`, y),
    ...ticks(maxX).map((tick) => text(`x="${px(tick)}" y="${HEIGHT - EDGE.bottom + 18}" text-anchor="middle"`, tick)),
    ...ticks(maxY).flatMap((tick) => [
      `<path d="M${px(0)} ${py(tick)}H${px(maxX)}" stroke="#ddd"/>`,
      text(`x="${EDGE.left - 8}" y="${Number(py(tick)) + 4}" text-anchor="end"`, tick),
    ]),
    ...series.flatMap(({ name, points: own, isLine }, i) => {
      const colour = COLOURS[i % COLOURS.length];
      const path = own.map(([a, b]) => `${px(a)} ${py(b)}`).join("L");
      const marks = own.map(([a, b]) => `<circle cx="${px(a)}" cy="${py(b)}" r="4" fill="${colour}"/>`);
      const legendY = EDGE.top + 14 + i * 18;
      return [
        ...(isLine ? [`<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`] : marks),
        `<rect x="${EDGE.left + 12}" y="${legendY - 9}" width="14" height="8" fill="${colour}"/>`,
        text(`x="${EDGE.left + 32}" y="${legendY}"`, name),
      ];
    }),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}
