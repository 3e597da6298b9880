import { describe, expect, it } from "vitest";
import { costOfOne } from "./stopwatch.js";

const SAMPLING = { minSampleMs: 3, numRounds: 3, maxRepetitions: 1024, budgetMs: 1e9, clock: () => 0 };

describe("costOfOne", () => {
  it("leaves out what a sample costs by itself, and a first use that compiles", async () => {
    let isFirst = true;
    const sample = async (repetitions: number) => {
      const compileMs = isFirst ? 500 : 0;
      isFirst = false;
      return compileMs + 1.5 + repetitions * 0.25;
    };
    expect(await costOfOne(sample, SAMPLING)).toBeCloseTo(0.25, 10);
  });

  it("ends about when its budget does, and has a figure even then", async () => {
    let nowMs = 0;
    const sample = async (repetitions: number) => {
      nowMs += repetitions * 20;
      return repetitions * 20;
    };
    expect(await costOfOne(sample, { ...SAMPLING, minSampleMs: 1e9, budgetMs: 100, clock: () => nowMs })).toBe(20);
    expect(nowMs).toBeLessThanOrEqual(420);
  });

  it("isn't led to short samples by one that was disturbed", async () => {
    const asked: number[] = [];
    const sample = async (repetitions: number) => {
      asked.push(repetitions);
      return repetitions * 0.01 + (asked.length === 2 ? 30 : 0);
    };
    await costOfOne(sample, SAMPLING);
    expect(Math.max(...asked)).toBe(512);
  });

  it("takes the least of its rounds, so that a disturbed sample changes nothing", async () => {
    let count = 0;
    const sample = async (repetitions: number) => 1 + repetitions + (count++ % 5 === 4 ? 40 : 0);
    expect(await costOfOne(sample, SAMPLING)).toBeCloseTo(1, 10);
  });

  it("never repeats more often than allowed, and says too much rather than nothing where there is no difference", async () => {
    const asked: number[] = [];
    const sample = async (repetitions: number) => {
      asked.push(repetitions);
      return 1 / repetitions;
    };
    expect(await costOfOne(sample, { ...SAMPLING, maxRepetitions: 16 })).toBeCloseTo(1 / 16 / 16, 12);
    expect(Math.max(...asked)).toBe(16);
  });
});
