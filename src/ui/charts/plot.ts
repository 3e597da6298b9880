import uPlot from "uplot";
import { formatNumber } from "../figures.js";
import type { ChartData, Series } from "./chart.js";
import { layOut } from "./layout.js";
import { colourName, dashOf, hatchOf, type Theme, TILE } from "./theme.js";

const HEIGHT = 220;
/** Height of a lying bar, and of what is around all of them. */
const BAR = 34;
const AROUND_BARS = 60;
/** Room for names beside lying bars, at most. */
const MAX_NAME_SHARE = 0.4;
/** Width of a letter of figures, in their size. */
const LETTER = 0.62;
const SIZE = 11;

/** The drawing of a chart on a canvas, as wide as it is told. */
export class Plot {
  readonly root = document.createElement("div");
  private plot: uPlot | null = null;
  /** What can't be changed of a plot that is there. */
  private made = "";

  /** `onPlace`: called with the index of the x that the pointer is at; null behind it. */
  constructor(private readonly onPlace: (place: number | null) => void) {}

  /** Draws the data as they are now. */
  draw(data: ChartData, theme: Theme, width: number): void {
    const height = data.form === "stack" ? AROUND_BARS + BAR * data.xs.length : HEIGHT;
    const { columns, places } = layOut(data);
    const { series, names, form, xs, xLabel, yLabel } = data;
    const colours = series.map(({ tone }) => theme.colour(colourName(tone)));
    // Bars have a place each, lines grow.
    const bars = form === "bars" || form === "stack" ? [xs, names] : null;
    const steps = [wholeSteps(xs), wholeSteps(valuesOf(data))];
    const shape = JSON.stringify([form, bars, steps, xLabel, yLabel, series.map(({ label }) => label), colours, width]);
    if (this.plot && shape === this.made) {
      this.plot.setData(columns as uPlot.AlignedData);
      return;
    }
    this.close();
    this.made = shape;
    const options = { ...optionsOf(data, theme, width), width, height };
    options.hooks = { setCursor: [({ cursor: { idx } }) => this.onPlace(idx == null ? null : places[idx])] };
    this.plot = new uPlot(options, columns as uPlot.AlignedData, this.root);
  }

  /** What is drawn now, in device pixels; null before there is anything. */
  get canvas(): HTMLCanvasElement | null {
    return this.plot?.ctx.canvas ?? null;
  }

  /** Takes it away, with all that listens for it. */
  close(): void {
    this.plot?.destroy();
    this.plot = null;
    this.made = "";
  }
}

function optionsOf(data: ChartData, theme: Theme, width: number): uPlot.Options {
  const { form, names, xs, xLabel, yLabel } = data;
  const isLying = form === "stack";
  const nameSize = names ? Math.max(...names.map((name) => name.length)) * LETTER * SIZE + 12 : 0;
  const most = Math.floor((MAX_NAME_SHARE * width) / (LETTER * SIZE));
  const axis: uPlot.Axis = {
    stroke: theme.colour("--muted"),
    font: theme.figures(SIZE),
    labelFont: theme.font(SIZE + 1),
    labelSize: 20,
    grid: { stroke: theme.colour("--line"), width: 1 },
    ticks: { stroke: theme.colour("--line"), width: 1, size: 4 },
  };
  const places: Partial<uPlot.Axis> =
    form === "bars" || isLying
      ? { splits: () => (names ? xs.map((_, i) => i) : [...xs]), grid: { show: false } }
      : wholeSteps(xs);
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
    scales: {
      x: { time: false, ori: isLying ? 1 : 0, dir: isLying ? -1 : 1, range: rangeOf(data) },
      y: { ori: isLying ? 0 : 1, range: (_, __, max) => [0, max > 0 ? max * 1.05 : 1] },
    },
    axes: [
      {
        ...axis,
        ...places,
        side: isLying ? 3 : 2,
        ...(isLying ? { size: Math.min(nameSize, MAX_NAME_SHARE * width) } : { label: xLabel, size: 28 }),
        values: (_, splits) => splits.map((x) => (names ? cut(names[x] ?? "", most) : formatNumber(x))),
      },
      {
        ...axis,
        side: isLying ? 2 : 3,
        label: yLabel,
        size: isLying ? 28 : 44,
        ...wholeSteps(valuesOf(data)),
        values: (_, splits) => splits.map(short),
      },
    ],
    series: [{}, ...drawnSeries(data).map((one) => seriesOptions(one, data, theme))],
  };
}

function valuesOf({ series }: ChartData): number[] {
  return series.flatMap(({ ys }) => ys.filter((y) => y !== null));
}

/** Steps of an axis: counts have nothing between two whole numbers. */
function wholeSteps(values: readonly number[]): Pick<uPlot.Axis, "incrs"> {
  const steps = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8].flatMap((power) => [power, 2 * power, 5 * power]);
  return values.every(Number.isInteger) ? { incrs: steps } : {};
}

/** In which order they are drawn: of a stack the whole comes first, and what is below lies on it. */
function drawnSeries({ form, series }: ChartData): readonly Series[] {
  return form === "stack" ? series.toReversed() : series;
}

function seriesOptions({ label, tone }: Series, { form, joins = false }: ChartData, theme: Theme): uPlot.Series {
  const colour = theme.colour(colourName(tone));
  const isBars = form === "bars" || form === "stack";
  return {
    label,
    stroke: colour,
    spanGaps: joins,
    width: isBars ? 1 : 1.75,
    points: { show: !isBars && form === "line" && !joins, size: 4, fill: colour },
    ...(isBars
      ? {
          fill: () => patternOf(tone, colour, theme),
          paths: uPlot.paths.bars?.({ size: [form === "bars" ? 0.85 : 0.6, 48] }),
        }
      : { dash: [...dashOf(tone)] }),
    ...(form === "steps" ? { paths: uPlot.paths.stepped?.({ align: 1 }) } : {}),
  };
}

/** How far x goes: with room for the outer bars. */
function rangeOf({ form, xs }: ChartData): uPlot.Scale["range"] {
  if (form === "bars" || form === "stack") return () => [xs[0] - 0.6, xs[xs.length - 1] + 0.6];
  return (_, min, max) => [min, max > min ? max : min + 1];
}

/** A bar's fill: its colour, and tiles where it has a hatch. */
function patternOf(tone: Series["tone"], colour: string, theme: Theme): string | CanvasPattern {
  const hatch = hatchOf(tone);
  const scale = devicePixelRatio;
  const tile = document.createElement("canvas");
  tile.width = tile.height = Math.round(TILE * scale);
  const context = tile.getContext("2d");
  if (!hatch || !context) return colour;
  context.fillStyle = theme.colour("--paper");
  context.fillRect(0, 0, tile.width, tile.height);
  context.scale(tile.width / TILE, tile.height / TILE);
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  context.stroke(new Path2D(hatch));
  return context.createPattern(tile, "repeat") ?? colour;
}

/** Numbers of an axis: `2k`, `40M`. */
function short(value: number): string {
  const units: [number, string][] = [
    [1e9, "G"],
    [1e6, "M"],
    [1e4, "k"],
  ];
  const [size, unit] = units.find(([least]) => value >= least) ?? [1, ""];
  return `${formatNumber(value / (unit === "k" ? 1e3 : size))}${unit}`;
}

function cut(name: string, most: number): string {
  return name.length > most ? `${name.slice(0, Math.max(1, most - 1))}…` : name;
}
