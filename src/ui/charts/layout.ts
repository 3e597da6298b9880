import type { ChartData } from "./chart.js";

/** What is handed to the plot. */
export interface Layout {
  /** The x of all, then a column for each series in the order in which they are drawn. */
  columns: (number | null)[][];
  /** By index of the columns: which x of the chart that is. */
  places: number[];
}

/** Share of the distance between two x that bars beside each other fill. */
const FILLED = 0.8;

/**
 * The columns of a plot. Bars beside each other have an x of their own each; those on each other reach down to zero, and are drawn the
 * whole first.
 */
export function layOut({ form, xs, series }: ChartData): Layout {
  const places = xs.map((_, i) => i);
  if (form === "stack") {
    const sums = series.map((_, upTo) =>
      xs.map((_, i) => series.slice(0, upTo + 1).reduce((sum, { ys }) => sum + (ys[i] ?? 0), 0)),
    );
    return { columns: [places, ...sums.toReversed()], places };
  }
  if (form !== "bars" || series.length === 1) return { columns: [[...xs], ...series.map(({ ys }) => [...ys])], places };
  const width = FILLED / series.length;
  const own = xs.flatMap((x) => series.map((_, i) => x + (i - (series.length - 1) / 2) * width));
  return {
    columns: [
      own,
      ...series.map(({ ys }, mine) => xs.flatMap((_, place) => series.map((_, i) => (i === mine ? ys[place] : null)))),
    ],
    places: xs.flatMap((_, place) => series.map(() => place)),
  };
}
