import { expect, test } from "vitest";
import { judgeDiffusion, judgePeers } from "./goals.js";
import { numEqual } from "./compare.js";
import { NAMES } from "./contenders.js";
import type { PeersReport } from "./peers.js";
import type { DiffusionReport } from "./diffusion.js";

function peersReport(wasm: number[], webgpu: number[], equalIds = 128): PeersReport {
  const ratio = (peer: string, values: number[]) => ({ ours: NAMES.ours, peer, values });
  const contender = { name: NAMES.ours, numNewTokens: 128, loadMs: 1, equalIds, samples: [] };
  return { contenders: [contender], ratios: [ratio(NAMES.wasm, wasm), ratio(NAMES.webgpu, webgpu)] } as never;
}

const met = (report: PeersReport) => judgePeers(report).every(({ isMet }) => isMet);

test("the median of the rounds is judged, at the goal itself too", () => {
  expect(met(peersReport([0.1, 0.2, 0.9], [20, 1, 30]))).toBe(true);
  expect(met(peersReport([0.1, 0.19, 0.9], [20, 1, 30]))).toBe(false);
  expect(met(peersReport([0.1, 0.2, 0.9], [19.9, 1, 30]))).toBe(false);
});

test("speed with other ids than transformers' is a miss", () => {
  expect(met(peersReport([1], [100], 127))).toBe(false);
});

test("a result without the ratio it is judged by is a miss", () => {
  expect(met({ contenders: [], ratios: [] } as never)).toBe(false);
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
