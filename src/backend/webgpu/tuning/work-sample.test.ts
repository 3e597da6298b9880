import { describe, expect, it } from "vitest";
import { WorkSample } from "./work-sample.js";

const WORK = [
  { rows: 1, times: 8 },
  { rows: 8, times: 4 },
  { rows: 64, times: 1 },
];

/** A device whose forwards take `ms` by rows, and `compileMs` more at the first of each; and how many were asked for. */
function fakeDevice(ms: Record<number, number>, compileMs = 0) {
  const compiled = new Set<number>();
  const asked: [rows: number, repetitions: number][] = [];
  const time = async (rows: number, repetitions: number) => {
    asked.push([rows, repetitions]);
    const firstMs = compiled.has(rows) ? 0 : compileMs;
    compiled.add(rows);
    return firstMs + repetitions * ms[rows];
  };
  return { time, asked };
}

describe("a sample of the tuner's work", () => {
  it("is the work as it stands on a device that takes some milliseconds for it", async () => {
    const { time, asked } = fakeDevice({ 1: 0.5, 8: 1, 64: 4 });
    const sample = new WorkSample(WORK, time);
    await sample.prepare();
    asked.length = 0;
    expect(await sample.measure()).toBe(8 * 0.5 + 4 * 1 + 4);
    expect(asked).toEqual(WORK.map(({ rows, times }) => [rows, times]));
  });

  it("is three forwards where that is long, and says what the whole would take", async () => {
    // llvmpipe by the kernels that suit it least.
    const { time, asked } = fakeDevice({ 1: 20, 8: 60, 64: 231 }, 900);
    const sample = new WorkSample(WORK, time);
    await sample.prepare();
    // Compiling is over before the work is sized by its length, and nothing is done eight times meanwhile.
    expect(asked.every(([, repetitions]) => repetitions === 1)).toBe(true);
    asked.length = 0;
    expect(await sample.measure()).toBe(8 * 20 + 4 * 60 + 231);
    expect(asked).toEqual([
      [1, 1],
      [8, 1],
      [64, 1],
    ]);
  });

  it("is repeated where it is shorter than a clock can tell", async () => {
    const { time, asked } = fakeDevice({ 1: 0.01, 8: 0.02, 64: 0.14 });
    const sample = new WorkSample(WORK, time);
    await sample.prepare();
    asked.length = 0;
    expect(await sample.measure()).toBeCloseTo(0.3, 12);
    expect(asked).toEqual([
      [1, 80],
      [8, 40],
      [64, 10],
    ]);
  });

  it("ends where the clock stands still", async () => {
    const { time, asked } = fakeDevice({ 1: 0, 8: 0, 64: 0 });
    const sample = new WorkSample(WORK, time);
    await sample.prepare();
    expect(await sample.measure()).toBe(0);
    expect(Math.max(...asked.map(([, repetitions]) => repetitions))).toBe(8 * 64);
  });
});
