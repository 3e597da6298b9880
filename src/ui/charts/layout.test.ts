import { expect, it } from "vitest";
import type { ChartData } from "./chart.js";
import { layOut } from "./layout.js";

const chart = (form: ChartData["form"], ...columns: (number | null)[][]): ChartData => ({
  xLabel: "",
  yLabel: "",
  form,
  xs: [1, 2],
  series: columns.map((ys, tone) => ({ label: "", tone, ys })),
});

it("draws lines as they are", () => {
  expect(layOut(chart("line", [3, null]))).toEqual({
    columns: [
      [1, 2],
      [3, null],
    ],
    places: [0, 1],
  });
});

it("puts bars of one x beside each other, and knows where each belongs", () => {
  const { columns, places } = layOut(chart("bars", [3, 4], [5, null]));
  expect(columns[0]).toEqual([0.8, 1.2, 1.8, 2.2]);
  expect(columns.slice(1)).toEqual([
    [3, null, 4, null],
    [null, 5, null, null],
  ]);
  expect(places).toEqual([0, 0, 1, 1]);
});

it("stacks what lies on each other, the whole first", () => {
  expect(layOut(chart("stack", [3, 4], [5, null], [1, 1])).columns).toEqual([
    [0, 1],
    [9, 5],
    [8, 4],
    [3, 4],
  ]);
});
