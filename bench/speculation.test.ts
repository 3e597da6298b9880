import { expect, it } from "vitest";
import { checkedRatio, readmeTable, type WayResult } from "./speculation.js";

const RESULT: WayResult = {
  workload: "story",
  way: "suffix, adaptive",
  tokens: 1280,
  forwards: 1000,
  draftForwards: 0,
  waits: 40,
  proposed: 400,
  accepted: 280,
  speedup: [1.1, null, 1.2],
  predicted: [1.12, 1.14, 1.16],
  largest: [1.2, 1.2, 1.2],
  speedupOfGpu: 1.27,
  equalIds: true,
};

it("a ratio that its counts and costs can't give is no speed", () => {
  // 1.07 tokens a forward on a busy machine.
  expect(checkedRatio(1.24, 1.07)).toBeNull();
  expect(checkedRatio(1.1, 1.07)).toBe(1.1);
  expect(checkedRatio(0.4, 1.07)).toBe(0.4);
  expect(checkedRatio(1.24, undefined)).toBe(1.24);
});

it("the README's table has medians of what was recorded, and leaves plain decoding out", () => {
  const plain = { ...RESULT, way: "autoregressive" };
  const idle = { ...RESULT, proposed: 0, accepted: 0, speedup: [null] };
  expect(readmeTable([plain, RESULT, idle]).slice(2)).toEqual([
    "| story | suffix, adaptive | 1.28 | 70 % | 1.15 | 1.14 | 1.27 |",
    "| story | suffix, adaptive | 1.28 | none drafted |  | 1.14 | 1.27 |",
  ]);
});
