import { expect, test } from "vitest";
import { judgeDiffusion, judgePeers } from "./goals.js";
import { type ContenderResult, numEqual, ratiosOf } from "./compare.js";
import { NAMES } from "./contenders.js";
import type { PeersReport } from "./peers.js";
import type { DiffusionReport } from "./diffusion.js";

interface Measured {
  wasm?: number[];
  webgpu?: number[];
  equalIds?: number;
  isFloat32?: boolean;
  /** First tokens of cold pages, ours and the peer's. */
  oursMs?: number;
  wasmMs?: number;
}

/** A report that meets every goal but the stretch, with what differs. */
function peersReport(measured: Measured): PeersReport {
  const { wasm = [0.25], webgpu = [60], equalIds = 128, isFloat32 = true, oursMs = 99, wasmMs = 100 } = measured;
  const ratio = (peer: string, values: number[]) => ({ ours: NAMES.ours, peer, values });
  const contender = { name: NAMES.ours, isFloat32, numNewTokens: 128, loadMs: 1, equalIds, samples: [] };
  const cold = (name: string, firstTokenMs: number) => ({ name, samples: [{ loadedMs: 1, firstTokenMs }] });
  return {
    contenders: [contender],
    ratios: [ratio(NAMES.wasm, wasm), ratio(NAMES.webgpu, webgpu)],
    coldStarts: [cold(NAMES.ours, oursMs), cold(NAMES.wasm, wasmMs)],
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

test("a first token at the same time as the peer's isn't sooner", () => {
  expect(met(peersReport({ oursMs: 100 }))).toBe(false);
  expect(met(peersReport({ oursMs: 99 }))).toBe(true);
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
