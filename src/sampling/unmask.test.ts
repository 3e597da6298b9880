import { describe, expect, it } from "vitest";
import { exponential, PURPOSE } from "./noise.js";
import { chooseCommits } from "./unmask.js";

const CANDIDATES = [0.2, 0.9, 0.5, 0.9].map((p, i) => ({ position: 20 + i, logprob: Math.log(p) }));

describe("chooseCommits", () => {
  it("commits the most confident first, the lowest position on ties", () => {
    expect(chooseCommits(CANDIDATES, { order: "confidence", quota: 1, draw: 0 }, 1)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(chooseCommits(CANDIDATES, { order: "confidence", quota: 3, draw: 0 }, 1)).toEqual([false, true, true, true]);
    expect(chooseCommits(CANDIDATES, { order: "confidence", quota: 9, draw: 0 }, 1)).toEqual([true, true, true, true]);
  });

  it("commits all that reach the threshold, and the best one when none does", () => {
    expect(chooseCommits(CANDIDATES, { order: "confidence", threshold: 0.5, draw: 0 }, 1)).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(chooseCommits(CANDIDATES, { order: "confidence", threshold: 0.95, draw: 0 }, 1)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(chooseCommits(CANDIDATES, { order: "confidence", threshold: 0, draw: 0 }, 1)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it("goes from left to right when told to", () => {
    expect(chooseCommits(CANDIDATES, { order: "left_to_right", quota: 2, draw: 0 }, 1)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("commits the smallest order noise first when random, and each candidate about as often", () => {
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 2000; draw++) {
      const chosen = chooseCommits(CANDIDATES, { order: "random", quota: 1, draw }, 4).indexOf(true);
      const noise = CANDIDATES.map(({ position }) => exponential(4, PURPOSE.order, position, draw, 0));
      expect(noise[chosen]).toBe(Math.min(...noise));
      counts[chosen]++;
    }
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(80);
  });
});
