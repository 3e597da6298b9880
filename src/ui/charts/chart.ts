/** What colour and dash a series has: those of a pane by its place, or of what is no pane. */
export type Tone = number | "plain" | "quiet" | "bad";

/** One line or one kind of bar. */
export interface Series {
  label: string;
  tone: Tone;
  /** At each x; null where there is none. */
  ys: readonly (number | null)[];
}

/** What is drawn, listed and saved: one x, and a y of each series at it. */
export interface ChartData {
  xLabel: string;
  yLabel: string;
  /** `bars`: beside each other; `stack`: on each other, lying, with names. */
  form: "line" | "steps" | "bars" | "stack";
  xs: readonly number[];
  /** What the values of x are called; left out: they are numbers. */
  names?: readonly string[];
  series: readonly Series[];
  /** A line goes on over values that are missing, which are at other series' x. */
  joins?: boolean;
}

/** A chart as it is now. */
export interface Chart {
  /** What it shows, in one sentence made from its numbers; why it shows nothing, where there is no data. */
  says: string;
  data: ChartData | null;
}

/** Points of one series, by x. */
export interface Points {
  label: string;
  tone: Tone;
  points: readonly (readonly [x: number, y: number])[];
}

/** Series over the x of all of them, in order. */
export function align(lines: readonly Points[]): Pick<ChartData, "xs" | "series"> {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const places = new Map(xs.map((x, i) => [x, i]));
  const series = lines.map(({ label, tone, points }) => {
    const ys: (number | null)[] = xs.map(() => null);
    for (const [x, y] of points) ys[places.get(x) as number] = y;
    return { label, tone, ys };
  });
  return { xs, series };
}

/** Series by place, the first at `first`. */
export function inOrder(lists: readonly Series[], first: number): Pick<ChartData, "xs" | "series"> {
  const length = Math.max(0, ...lists.map(({ ys }) => ys.length));
  const places = Array.from({ length }, (_, i) => i);
  return {
    xs: places.map((i) => first + i),
    series: lists.map(({ label, tone, ys }) => ({ label, tone, ys: places.map((i) => ys[i] ?? null) })),
  };
}

/** The table of a chart: its heads, and a row for each x. What is missing is empty. */
export function tableOf({ xLabel, xs, names, series }: ChartData): { heads: string[]; rows: string[][] } {
  return {
    heads: [xLabel, ...series.map(({ label }) => label)],
    rows: xs.map((x, i) => [names?.[i] ?? String(x), ...series.map(({ ys }) => String(ys[i] ?? ""))]),
  };
}

/** The same as a file of comma-separated values. */
export function csvOf(data: ChartData): string {
  const { heads, rows } = tableOf(data);
  return csvText([heads, ...rows]);
}

/** Lines of cells as a file of comma-separated values (RFC 4180). */
export function csvText(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Rounded to so many digits behind the point: what is behind them is noise. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
