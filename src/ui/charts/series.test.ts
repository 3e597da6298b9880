import { describe, expect, it } from "vitest";
import type { DoneEvent, Edit, GenerationEvent, Metrics, StartEvent, StepEvent } from "../../vocabulary/events.js";
import { bookOf } from "./book.js";
import { csvOf, tableOf } from "./chart.js";
import { commitsChart } from "./commits.js";
import { costsChart } from "./costs.js";
import { acceptedChart, depthChart } from "./drafts.js";
import { kernelsChart, type Measured } from "./kernels.js";
import { memoryChart } from "./memory.js";
import { rowsChart } from "./rows.js";
import { surpriseChart } from "./surprise.js";
import { tokensChart } from "./tokens.js";

const insert = (
  slot: number,
  state: "prompt" | "mask" | "draft" | "committed" | "tentative",
  logprob?: number,
): Edit => ({
  op: "insert",
  slot,
  after: slot === 0 ? null : slot - 1,
  token: state === "mask" ? null : slot,
  state,
  ...(logprob === undefined ? {} : { logprob }),
});
const write = (slot: number, state: "mask" | "committed", logprob?: number): Edit => ({
  op: "write",
  slot,
  token: state === "mask" ? null : slot,
  state,
  ...(logprob === undefined ? {} : { logprob }),
});
const remove = (slot: number): Edit => ({ op: "delete", slot });

const start = (edits: Edit[]) => ({ type: "start", seq: 0, options: {}, edits, pieces: [] }) as unknown as StartEvent;
function step(edits: Edit[], ownMs: number, rows: number, forwards = 1): StepEvent {
  const counts = { draftForwards: 0, waits: 0, dispatches: 0, readbackBytes: 0, elapsedMs: ownMs };
  return { type: "step", seq: 0, edits, pieces: [], ownMs, rows, forwards, ...counts };
}
const done = (metrics: Partial<Metrics>) =>
  ({ type: "done", seq: 0, reason: "length", text: "", ids: [], metrics }) as unknown as DoneEvent;
const pane = (name: string, events: readonly GenerationEvent[]) => ({ name, label: name.toUpperCase(), events });

// Two tokens of prompt, then one token a step; the second has no probability.
const PLAIN: GenerationEvent[] = [
  start([insert(0, "prompt"), insert(1, "prompt")]),
  step([insert(2, "committed", -0.5)], 10, 2),
  step([insert(3, "committed")], 14.04, 1),
  step([insert(4, "committed", -2)], 19, 1),
];
// Three drafts of which the first is kept, and an own token; two drafts that are both kept, and one behind them.
const DRAFTING: GenerationEvent[] = [
  start([insert(0, "prompt"), insert(1, "prompt")]),
  step(
    [
      insert(2, "draft", -9),
      insert(3, "draft"),
      insert(4, "draft"),
      write(2, "committed", -0.25),
      remove(4),
      remove(3),
      { ...insert(5, "committed", -1), after: 2 } as Edit,
    ],
    20,
    5,
  ),
  step(
    [
      { ...insert(6, "draft"), after: 5 } as Edit,
      insert(7, "draft"),
      write(6, "committed", 0),
      write(7, "committed", -3),
      insert(8, "committed", -1),
    ],
    30,
    3,
  ),
];
// Four masks: two open, one of them is masked again, then the last three open.
const MASKS: GenerationEvent[] = [
  start([insert(0, "prompt"), insert(1, "mask"), insert(2, "mask"), insert(3, "mask"), insert(4, "mask")]),
  step([write(2, "committed", -1), write(4, "committed", -2)], 8, 5),
  step([write(4, "mask"), write(1, "committed", -0.5)], 16, 5),
  step([write(3, "committed", -4), write(4, "committed", -0.125)], 24, 5),
];
const PANES = [pane("plain", PLAIN), pane("masks", MASKS), pane("drafting", DRAFTING)];

describe("charts' series", () => {
  it("have tokens over time of all panes on one axis, from nothing on", () => {
    const { data, says } = tokensChart(PANES, "time");
    expect(data?.xs).toEqual([0, 8, 10, 14, 16, 19, 20, 24, 30]);
    expect(data?.series.map(({ label, tone }) => [label, tone])).toEqual([
      ["PLAIN", 0],
      ["MASKS", 1],
      ["DRAFTING", 2],
    ]);
    expect(data?.series.map(({ ys }) => ys)).toEqual([
      [0, null, 1, 2, null, 3, null, null, null],
      [0, 2, null, null, 2, null, null, 4, null],
      [0, null, null, null, null, null, 2, null, 5],
    ]);
    expect(says).toBe("PLAIN: 3 tokens in 19 ms; MASKS: 4 tokens in 24 ms; DRAFTING: 5 tokens in 30 ms.");
  });

  it("have the same over forward passes", () => {
    const { data } = tokensChart(PANES, "forwards");
    expect(data?.xs).toEqual([0, 1, 2, 3]);
    expect(data?.series.map(({ ys }) => ys)).toEqual([
      [0, 1, 2, 3],
      [0, 2, 2, 4],
      [0, 2, 5, null],
    ]);
  });

  it("end with the counts that the run ended with", () => {
    const events = [...PLAIN, done({ tokens: 2, forwards: 4, rows: 5, ownMs: 21, steps: 4, proposed: 0, accepted: 0 })];
    const { data } = tokensChart([pane("plain", events)], "time");
    expect(data?.xs.at(-1)).toBe(21);
    expect(data?.series[0].ys.at(-1)).toBe(2);
    expect(rowsChart([pane("plain", events)]).data?.series.map(({ ys }) => ys[0])).toEqual([2, 0, 3]);
  });

  it("follow a list of events that grows, counting each once, and begin anew with another list", () => {
    const events = PLAIN.slice(0, 2);
    expect(bookOf(events).tally.tokens).toBe(1);
    events.push(...PLAIN.slice(2));
    expect(bookOf(events).tally.tokens).toBe(3);
    expect(bookOf(events).tally.tokens).toBe(3);
    expect(bookOf([...events]).moments).toHaveLength(3);
  });

  it("have the commits of each step", () => {
    const { data, says } = commitsChart(PANES);
    expect(data?.xs).toEqual([1, 2, 3]);
    expect(data?.series.map(({ ys }) => ys)).toEqual([
      [1, 1, 1],
      [2, 1, 2],
      [2, 3, null],
    ]);
    expect(says).toMatch(/^PLAIN: at most 1 a step, in 3 steps; .*DRAFTING: at most 3 a step, in 2 steps\.$/);
  });

  it("have rounds by accepted drafts and acceptance by depth, of panes that draft alone", () => {
    const accepted = acceptedChart(PANES);
    expect(accepted.data?.xs).toEqual([0, 1, 2]);
    expect(accepted.data?.series).toEqual([{ label: "DRAFTING", tone: 2, ys: [0, 1, 1] }]);
    expect(accepted.says).toBe("DRAFTING: 3 drafts accepted in 2 rounds, 1.5 in each.");
    const depth = depthChart(PANES);
    expect(depth.data?.xs).toEqual([1, 2]);
    expect(depth.data?.series[0].ys).toEqual([100, 50]);
    expect(depth.says).toBe("DRAFTING: a first draft was accepted in 2 of 2 rounds.");
    expect(acceptedChart([PANES[0]])).toEqual({ says: "No pane has drafted anything.", data: null });
  });

  it("part the rows into kept tokens, rejected drafts and the rest", () => {
    const { data, says } = rowsChart(PANES);
    expect(data?.names).toEqual(["PLAIN", "MASKS", "DRAFTING"]);
    expect(data?.series.map(({ ys }) => ys)).toEqual([
      [3, 4, 5],
      [0, 0, 2],
      [1, 11, 1],
    ]);
    expect(says).toMatch(/DRAFTING: 5 of 8 rows are tokens of the text\.$/);
  });

  it("have the surprise of the text as it stands by place, with gaps where it isn't told", () => {
    const { data, says } = surpriseChart(PANES);
    expect(data?.series.map(({ ys }) => ys)).toEqual([
      [0.5, null, 2, null, null],
      [0.5, 1, 4, 0.125, null],
      [0.25, 1, 0, 3, 1],
    ]);
    expect(data?.joins).toBeUndefined();
    expect(says).toMatch(/^PLAIN: 1\.25 nats a token, known of 2 of 3; MASKS: 1\.41 nats a token; /);
    expect(surpriseChart([pane("none", [start([insert(0, "prompt")])])]).data).toBeNull();
  });

  it("have v(M) as measured, the guessed part apart, and forwards of their own as far as the costs go", () => {
    const costs = { rows: [1, 2, 4, 8], ratio: [1, 1.25, 2.5, 5], numMeasured: 3, forwardMs: 3, waitMs: 0 };
    const { data, says } = costsChart(costs);
    expect(data?.xs).toEqual([1, 2, 4, 8]);
    expect(data?.series.map(({ ys }) => ys)).toEqual([
      [1, 1.25, 2.5, null],
      [1, 2, 4, null],
      [null, null, 2.5, 5],
    ]);
    expect(says).toMatch(/one row takes 3 ms; one of 4 rows costs as much as 2\.5 of these/);
    expect(costsChart({ ...costs, numMeasured: 4 }).data?.series).toHaveLength(2);
    expect(costsChart(null).data).toBeNull();
  });

  it("have the time of each kernel as it was measured, and say why where it wasn't", () => {
    const report = { costs: {}, limits: {}, kernels: null } as unknown as Measured["report"];
    const of = (more: object) => kernelsChart({ model: "a", report: { ...report, ...more } });
    const kernels = [
      { kernel: "gemv", dispatches: 20, gpuMs: 3 },
      { kernel: "norm", dispatches: 5, gpuMs: 1.00004 },
    ];
    const { data, says } = of({ kernels });
    expect(data?.names).toEqual(["gemv", "norm"]);
    expect(data?.series[0].ys).toEqual([3, 1]);
    expect(says).toMatch(
      /^A forward pass of a is 25 dispatches of 2 kernels, together 4 ms .*; gemv takes 75 % of it\.$/,
    );
    expect(of({ kernels: null })).toEqual({ says: expect.stringContaining("no timestamps"), data: null });
    expect(of({ kernels: null, limits: null })).toEqual({ says: expect.stringContaining("ONNX Runtime"), data: null });
    expect(kernelsChart(null).data).toBeNull();
  });

  it("have the bytes of each model once, by class, and what loading takes besides in words", () => {
    const model = (name: string) => ({
      name,
      ref: { url: `https://a.example/${name}/` },
      memory: { weights: 2_000_000, kv: 500_000, scratch: 250_000, staging: 1_000_000 },
    });
    const { data, says } = memoryChart([model("a"), model("b"), model("a")]);
    expect(data?.names).toEqual(["a", "b"]);
    expect(data?.series.map(({ ys }) => ys)).toEqual([
      [2_000_000, 2_000_000],
      [500_000, 500_000],
      [250_000, 250_000],
    ]);
    expect(says).toMatch(/^a: 2\.8 MB, and 1\.0 MB more while it loads; /);
  });

  it("have nothing before anything is written, and say so", () => {
    const idle = [pane("plain", [])];
    for (const chart of [tokensChart(idle, "time"), commitsChart(idle), rowsChart(idle)]) {
      expect(chart).toEqual({ says: "Nothing has been written yet.", data: null });
    }
  });
});

describe("a chart's table and CSV", () => {
  const data = {
    xLabel: "pane",
    yLabel: "rows",
    form: "stack",
    xs: [0, 1],
    names: ['a "b"', "c, d"],
    series: [
      { label: "kept", tone: "plain", ys: [1, null] },
      { label: "other", tone: "quiet", ys: [0.5, 3] },
    ],
  } as const;

  it("have a row for each x, by name where there is one, and leave empty what is missing", () => {
    expect(tableOf(data)).toEqual({
      heads: ["pane", "kept", "other"],
      rows: [
        ['a "b"', "1", "0.5"],
        ["c, d", "", "3"],
      ],
    });
    expect(tableOf({ ...data, names: undefined }).rows[1][0]).toBe("1");
  });

  it("quote what needs it", () => {
    expect(csvOf(data)).toBe('pane,kept,other\r\n"a ""b""",1,0.5\r\n"c, d",,3\r\n');
  });
});
