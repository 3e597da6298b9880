import { expect, test } from "vitest";
import type { DecodeReport } from "./decode.js";
import { type Finding, judgeDecode, judgeDiffusion, judgeKernels, judgePeers } from "./goals.js";
import { type ContenderResult, numEqual, ratiosOf } from "./compare.js";
import { NAMES } from "./contenders.js";
import type { KernelsReport } from "./kernels.js";
import type { PeersReport } from "./peers.js";
import type { DiffusionReport } from "./diffusion-report.js";

interface Measured {
  wasm?: number[];
  /** Of what chose its device, by peers on wasm. */
  autoByBare?: number[];
  autoByWasm?: number[];
  autoMs?: number;
  webgpu?: number[];
  equalIds?: number;
  isFloat32?: boolean;
  /** First tokens of cold pages, ours and the peer's. */
  oursMs?: number;
  wasmMs?: number;
}

/** A report that meets every goal but the stretch, with what differs. */
function peersReport(measured: Measured): PeersReport {
  const { wasm = [0.25], webgpu = [60], equalIds = 128, isFloat32 = true, oursMs = 100, wasmMs = 100 } = measured;
  const { autoByBare = [0.95], autoByWasm = [1], autoMs = 100 } = measured;
  const ratio = (peer: string, values: number[], ours = NAMES.ours) => ({ ours, peer, values });
  const contender = { name: NAMES.ours, isFloat32, numNewTokens: 128, loadMs: 1, equalIds, samples: [] };
  const cold = (name: string, firstTokenMs: number) => ({ name, samples: [{ loadedMs: 1, firstTokenMs }] });
  return {
    contenders: [contender],
    ratios: [
      ratio(NAMES.wasm, wasm),
      ratio(NAMES.webgpu, webgpu),
      ratio(NAMES.bare, autoByBare, NAMES.auto),
      ratio(NAMES.wasm, autoByWasm, NAMES.auto),
    ],
    coldStarts: [cold(NAMES.ours, oursMs), cold(NAMES.auto, autoMs), cold(NAMES.wasm, wasmMs)],
  } as never;
}

const met = (report: PeersReport) => judgePeers(report).every(({ isMet, isStretch }) => isMet || isStretch);

test("the median of the rounds is judged, at the goal itself too", () => {
  expect(met(peersReport({ wasm: [0.1, 0.25, 0.9], webgpu: [60, 1, 90] }))).toBe(true);
  expect(met(peersReport({ wasm: [0.1, 0.24, 0.9] }))).toBe(false);
  expect(met(peersReport({ webgpu: [59.9, 1, 90] }))).toBe(false);
});

test("a stretch is shown and isn't asked for", () => {
  const stretch = (wasm: number[]) => judgePeers(peersReport({ wasm })).filter(({ isStretch }) => isStretch);
  expect(stretch([0.3])).toMatchObject([{ value: 0.3, isMet: false }]);
  expect(stretch([0.35])).toMatchObject([{ isMet: true }]);
});

test("a first token may come at the same time as the peer's, and no later", () => {
  expect(met(peersReport({ oursMs: 101 }))).toBe(false);
  expect(met(peersReport({ autoMs: 101 }))).toBe(false);
  expect(met(peersReport({ oursMs: 100, autoMs: 100 }))).toBe(true);
});

test("what chooses its device is held to both peers on wasm", () => {
  expect(met(peersReport({ autoByBare: [0.94] }))).toBe(false);
  expect(met(peersReport({ autoByWasm: [0.99] }))).toBe(false);
});

test("speed with other ids than transformers' is a miss, but for who rounds values to fewer bits", () => {
  expect(met(peersReport({ equalIds: 127 }))).toBe(false);
  expect(met(peersReport({ equalIds: 127, isFloat32: false }))).toBe(true);
});

test("a result without what it is judged by is a miss", () => {
  expect(met({ contenders: [], ratios: [] } as never)).toBe(false);
  expect(met({ ...peersReport({}), coldStarts: undefined } as never)).toBe(false);
});

test("both of ours are compared with every peer, round by round, and not with each other", () => {
  const result = (name: string, ...rates: number[]) =>
    ({ name, samples: rates.map((tokensPerSecond) => ({ tokensPerSecond })) }) as ContenderResult;
  const ratios = ratiosOf([
    result(NAMES.ours, 10, 12),
    result(NAMES.oursHalf, 5, 8),
    result("a", 2, 4),
    result("b", 5, 3),
  ]);
  expect(ratios).toEqual([
    { ours: NAMES.ours, peer: "a", values: [5, 3] },
    { ours: NAMES.ours, peer: "b", values: [2, 4] },
    { ours: NAMES.oursHalf, peer: "a", values: [2.5, 2] },
    { ours: NAMES.oursHalf, peer: "b", values: [1, 8 / 3] },
  ]);
});

test("1.5 tokens per forward is not more than 1.5", () => {
  const report = (tokensPerForward: number) =>
    ({ laws: [{ name: "speculative, 4 draft tokens", tokensPerForward }] }) as DiffusionReport;
  expect(judgeDiffusion(report(1.5))[0].isMet).toBe(false);
  expect(judgeDiffusion(report(1.51))[0].isMet).toBe(true);
});

test("equal ids are counted from the start, and only those that were written", () => {
  expect(numEqual([5, 6, 7], [5, 6, 7, 8])).toBe(3);
  expect(numEqual([5, 9, 7], [5, 6, 7])).toBe(1);
  expect(numEqual([], [5])).toBe(0);
});

const missed = (findings: Finding[]) => findings.filter(({ isMet }) => !isMet).map(({ goal }) => goal);

/** One matrix for 1 to 64 rows whose chosen kernel takes `us` beside a probe of 100, and forwards that cost `cost`. */
function kernelsReport(us: (rows: number) => number, cost: (rows: number) => number): KernelsReport {
  const counts = Array.from({ length: 64 }, (_, i) => i + 1);
  const subjects = (rows: number) => [
    { name: "chosen", us: [us(rows), us(rows), 1e6] },
    { name: "probe", us: [100, 100, 100] },
  ];
  return {
    products: counts.map((rows) => ({ product: "o", n: 1, k: 1, count: 6, rows, subjects: subjects(rows) })),
    forwards: counts.map((rows) => ({ rows, last: [1], all: [cost(rows)] })),
  } as never;
}

test("kernels at their limits meet the goals, and each goal can be missed by itself", () => {
  const limit = (rows: number) => ({ 1: 1, 4: 3, 8: 3.6, 16: 7.4 })[rows] ?? 50;
  expect(missed(judgeKernels(kernelsReport(() => 115, limit)))).toEqual([]);
  expect(missed(judgeKernels(kernelsReport((rows) => (rows === 33 ? 116 : 100), limit)))).toEqual([
    expect.stringMatching(/63 are, M = 33 is the worst/),
  ]);
  expect(missed(judgeKernels(kernelsReport((rows) => (rows === 8 ? 143 : 100), limit)))).toEqual([
    expect.stringMatching(/^M = 8: each matrix \(o the slowest\)/),
    expect.stringMatching(/M = 8 is the worst/),
  ]);
  for (const rows of [4, 8, 16]) {
    const dear = (count: number) => limit(count) + (count === rows ? 0.01 : 0);
    expect(missed(judgeKernels(kernelsReport(() => 100, dear)))).toEqual([expect.stringContaining(`v(${rows})`)]);
  }
});

/** Decoding that takes `sampled` by greedy, grows by `rest` besides attention, and takes `four` with four steps by one. */
const decodeReport = (sampled: number, rest: number, four: number) =>
  ({
    sampled: [
      { name: "greedy", msPerToken: [1], byGreedy: [1] },
      { name: "top-p", msPerToken: [1], byGreedy: [sampled] },
    ],
    growth: [
      { length: 64, token: [110], attention: [10] },
      { length: 4096, token: [100 * rest + 900], attention: [900] },
    ],
    sync: [
      { stepsPerSync: 1, msPerToken: [2] },
      { stepsPerSync: 4, msPerToken: [2 * four] },
    ],
  }) as DecodeReport;

test("attention's own growth is allowed, any other isn't", () => {
  expect(missed(judgeDecode(decodeReport(1.1, 1.05, 1.02)))).toEqual([]);
  expect(missed(judgeDecode(decodeReport(1, 1.06, 1)))).toEqual([expect.stringContaining("behind 4096")]);
});

test("sampling and synchronisation are judged by their ratios", () => {
  expect(missed(judgeDecode(decodeReport(1.11, 1, 1)))).toEqual([expect.stringContaining("top-p")]);
  expect(missed(judgeDecode(decodeReport(1, 1, 1.03)))).toEqual([expect.stringContaining("synchronisation")]);
});

test("kernels and decoding that weren't measured are misses", () => {
  for (const findings of [judgeKernels({}), judgeDecode({})]) expect(findings.some(({ isMet }) => isMet)).toBe(false);
});
