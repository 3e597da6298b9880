import { describe, expect, it } from "vitest";
import { type CostTrial, CURVE_ROWS, measureCosts, rowsUpTo } from "./measure-costs.js";

const ROWS = [1, 2, 4, 8, 16, 32, 64];

/**
 * A device whose forward of M rows takes `cost(M)`, a sample `emptyMs` more, one that has forwards `fillMs` before the device has
 * anything to do, and a first use a second unless warm.
 */
function fakeTrial(
  cost: (numRows: number) => number,
  { budgetMs = 1e9, emptyMs = 0.7, fillMs = 0, noise = (): number => 0 } = {},
) {
  let nowMs = 0;
  const warmed: number[] = [];
  const timed: number[] = [];
  const progress: string[] = [];
  const trial: CostTrial = {
    async warm(numRows) {
      warmed.push(numRows);
      nowMs += 300;
    },
    async time(numRows, repetitions) {
      const compileMs = warmed.includes(numRows) ? 0 : 1000;
      const elapsedMs = emptyMs + (repetitions > 0 ? fillMs : 0) + repetitions * cost(numRows) + compileMs + noise();
      for (let i = 0; i < repetitions; i++) timed.push(numRows);
      nowMs += elapsedMs;
      return elapsedMs;
    },
    async timeWaited(repetitions) {
      const elapsedMs = repetitions * (cost(1) + 2.5) + noise();
      nowMs += elapsedMs;
      return elapsedMs;
    },
    clock: () => nowMs,
    budgetMs,
    onProgress: (numDone, numRows) => progress.push(`${numDone}/${numRows}`),
  };
  return { trial, timed, progress };
}

describe("measureCosts", () => {
  it("finds what waiting for a result takes beyond its forward, whatever disturbs some samples", async () => {
    let count = 0;
    const { trial } = fakeTrial((numRows) => 3 * numRows, { noise: () => (count++ % 3 === 1 ? 50 : 0) });
    expect((await measureCosts(ROWS, trial)).waitMs).toBeCloseTo(2.5, 9);
  });

  it("asks for no more rows than tell the cost of so many", () => {
    expect([1, 2, 3, 8, 11].map((most) => rowsUpTo(most).at(-1))).toEqual([1, 2, 3, 8, 16]);
    expect(rowsUpTo(Number.POSITIVE_INFINITY)).toBe(CURVE_ROWS);
  });

  it("finds v(M) and the time of one row, without what a sample or a compile costs", async () => {
    const { trial, progress } = fakeTrial((numRows) => 3 * numRows ** 0.8);
    const { rows, ratio, numMeasured, forwardMs } = await measureCosts(ROWS, trial);
    expect(rows).toEqual(ROWS);
    expect(numMeasured).toBe(7);
    expect(forwardMs).toBeCloseTo(3, 9);
    ratio.forEach((value, i) => {
      expect(value).toBeCloseTo(ROWS[i] ** 0.8, 9);
    });
    expect(progress.at(-1)).toBe("7/7");
  });

  it("isn't misled by what every sample takes before the device has anything to do, which a run doesn't wait for", async () => {
    const { trial } = fakeTrial((numRows) => 10 * numRows ** 0.8, { fillMs: 2 });
    const { rows, ratio, forwardMs } = await measureCosts(ROWS, trial);
    expect(Math.abs(forwardMs / 10 - 1)).toBeLessThan(0.06);
    for (const [i, numRows] of rows.entries()) {
      if (numRows <= 8) expect(Math.abs(ratio[i] / numRows ** 0.8 - 1), `${numRows} rows`).toBeLessThan(0.02);
    }
  });

  it("isn't misled by a machine that is faster for a while", async () => {
    let count = 0;
    // A fifth of the samples, in a row, take two thirds of the time.
    const speed = () => (count++ % 25 < 5 ? 2 / 3 : 1);
    let now = 1;
    const { trial } = fakeTrial((numRows) => now * 10 * numRows ** 0.8, { emptyMs: 0 });
    const { time } = trial;
    trial.time = (numRows, repetitions) => {
      now = speed();
      return time(numRows, repetitions);
    };
    const { rows, ratio } = await measureCosts(ROWS, trial);
    for (const [i, numRows] of rows.entries()) expect(ratio[i], `${numRows} rows`).toBeCloseTo(numRows ** 0.8, 9);
  });

  it("takes what most of its rounds say: noise that strikes now and then is not in the figures", async () => {
    let count = 0;
    const { trial } = fakeTrial((numRows) => 2 + numRows, { noise: () => (count++ % 3 === 1 ? 50 : 0) });
    const { ratio, forwardMs } = await measureCosts(ROWS, trial);
    expect(forwardMs).toBeCloseTo(3, 9);
    expect(ratio[6]).toBeCloseTo(66 / 3, 9);
  });

  it("never says that more rows are less work, however disturbed the fewer were", async () => {
    let count = 0;
    const { trial } = fakeTrial((numRows) => 5 + numRows, { noise: () => (count++ < 6 ? 200 : 0), budgetMs: 300 });
    const { ratio } = await measureCosts(ROWS, trial);
    ratio.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(i === 0 ? 1 : ratio[i - 1]);
    });
  });

  it("stops at larger numbers of rows when the budget ends, and guesses those on the last line", async () => {
    const { trial, timed } = fakeTrial((numRows) => 10 + 5 * numRows, { budgetMs: 1500 });
    const { ratio, numMeasured } = await measureCosts(ROWS, trial);
    expect(numMeasured).toBeLessThan(7);
    expect(numMeasured).toBeGreaterThanOrEqual(3);
    expect(Math.max(...timed)).toBe(ROWS[numMeasured - 1]);
    ROWS.forEach((numRows, i) => {
      expect(ratio[i]).toBeCloseTo((10 + 5 * numRows) / 15, 9);
    });
  });

  it("takes eighteen forwards where they are slow, however small its budget", async () => {
    const { trial, timed } = fakeTrial((numRows) => 1200 + 100 * (numRows - 1), { budgetMs: 1000 });
    let numAside = 0;
    const { warm, timeWaited } = trial;
    trial.warm = (numRows) => {
      numAside++;
      return warm(numRows);
    };
    trial.timeWaited = (repetitions) => {
      numAside += repetitions;
      return timeWaited(repetitions);
    };
    const { ratio, numMeasured, forwardMs, waitMs } = await measureCosts(ROWS, trial);
    expect(timed.length + numAside).toBe(18);
    expect(numMeasured).toBe(2);
    expect(forwardMs).toBeCloseTo(1200, 9);
    expect(ratio[2]).toBeCloseTo(1500 / 1200, 9);
    expect(waitMs).toBeCloseTo(2.5, 9);
  });

  it("times nothing where that takes longer than is asked for, and says how long", async () => {
    const slow = fakeTrial(() => 1200);
    slow.trial.mostMs = 3000;
    await expect(measureCosts(ROWS, slow.trial)).rejects.toMatchObject({
      code: "slow_costs",
      message: "A forward takes 1.2 s here: timing what forwards cost would take 22 s before the text.",
    });
    // What the first use takes alone says it.
    expect(slow.timed).toEqual([1]);
    const slower = fakeTrial(() => 200);
    slower.trial.mostMs = 3000;
    await expect(measureCosts(ROWS, slower.trial)).rejects.toThrow("A forward takes 0.20 s here");
    expect(slower.timed).toEqual([1, 1]);
    const fast = fakeTrial(() => 160);
    fast.trial.mostMs = 3000;
    expect((await measureCosts(ROWS, fast.trial)).forwardMs).toBeCloseTo(160, 9);
  });

  it("keeps near its budget, and measures one row and two whatever it is", async () => {
    for (const budgetMs of [0, 300, 1000, 3000]) {
      const { trial, timed } = fakeTrial((numRows) => 10 * numRows, { budgetMs });
      const { numMeasured } = await measureCosts(ROWS, trial);
      expect(numMeasured).toBeGreaterThanOrEqual(2);
      const spentMs = timed.reduce((sum, numRows) => sum + 10 * numRows, 0);
      // Beside those that wait there are twelve forwards of one row.
      expect(spentMs).toBeLessThan(Math.max(budgetMs * 1.2, 600) + 120);
    }
  });
});
