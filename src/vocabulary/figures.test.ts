import { describe, expect, it } from "vitest";
import {
  acceptance,
  commitsPerStep,
  divergenceNats,
  isotropy,
  largestSpeedUp,
  predictedSpeedUp,
  speedUp,
  tokensPerForward,
  tokensPerSecond,
} from "./figures.js";

describe("tokens per second", () => {
  it("counts the tokens behind the first step, by the time behind it", () => {
    // One token a step, one every 10 ms behind a prompt that took 90.
    expect(tokensPerSecond({ tokens: 1, atMs: 100 }, { tokens: 5, atMs: 140 })).toBe(100);
    // 16 tokens in 201 ms behind a first step that wrote 5 of them: 54.7, where (16 - 1) / 0.201 s is 74.6.
    expect(tokensPerSecond({ tokens: 5, atMs: 40 }, { tokens: 16, atMs: 241 })).toBeCloseTo(54.73, 2);
    expect(tokensPerSecond({ tokens: 15, atMs: 40 }, { tokens: 16, atMs: 60 })).toBe(50);
  });

  it("counts all tokens by the time of the whole run where no later step wrote more", () => {
    expect(tokensPerSecond({ tokens: 8, atMs: 200 }, { tokens: 8, atMs: 200 })).toBe(40);
    // Later steps that only revise what the first one wrote, or take some of it back.
    expect(tokensPerSecond({ tokens: 8, atMs: 200 }, { tokens: 8, atMs: 400 })).toBe(20);
    expect(tokensPerSecond({ tokens: 8, atMs: 200 }, { tokens: 6, atMs: 400 })).toBe(15);
    // Two steps that a coarse clock doesn't tell apart.
    expect(tokensPerSecond({ tokens: 2, atMs: 50 }, { tokens: 4, atMs: 50 })).toBe(80);
  });

  it("is null where nothing was written or no time has passed", () => {
    expect(tokensPerSecond(null, { tokens: 0, atMs: 0 })).toBeNull();
    expect(tokensPerSecond({ tokens: 3, atMs: 0 }, { tokens: 3, atMs: 0 })).toBeNull();
  });
});

describe("divergence", () => {
  it("is in nats, from the first law to the second, and 0 for equal ones", () => {
    const [p, q] = [Float64Array.of(0.5, 0.5, 0), Float64Array.of(0.25, 0.5, 0.25)];
    expect(divergenceNats(p, q)).toBeCloseTo(0.5 * Math.log(2), 12);
    expect(divergenceNats(q, p)).toBe(Number.POSITIVE_INFINITY);
    expect(divergenceNats(q, q)).toBe(0);
  });
});

describe("ratios of counts", () => {
  it("are null without what they are counted by", () => {
    expect(tokensPerForward(18, 12)).toBe(1.5);
    expect(acceptance(3, 12)).toBe(0.25);
    expect(commitsPerStep(9, 3)).toBe(3);
    expect(speedUp(150, 100)).toBe(1.5);
    expect([
      tokensPerForward(3, 0),
      acceptance(0, 0),
      commitsPerStep(0, 0),
      speedUp(150, null),
      speedUp(150, 0),
    ]).toEqual(new Array(5).fill(null));
  });

  it("predict a speed-up from counts and costs, with and without what is waited for", () => {
    const costs = { tokens: 30, verifying: 16, drafting: 4, waiting: 5 };
    expect(predictedSpeedUp(costs)).toBe(1.2);
    expect(largestSpeedUp(costs)).toBe(1.5);
    expect(predictedSpeedUp({ tokens: 0, verifying: 0, drafting: 0, waiting: 0 })).toBeNull();
  });
});

describe("isotropy", () => {
  it("is 1 less the mean cosine of two states, and null of fewer", () => {
    // Three states of length 1: two that are the same, one across. Cosines 1, 0, 0.
    expect(isotropy(2 * 2 + 1 * 1, 3)).toBeCloseTo(1 - 1 / 3, 12);
    // Two against each other.
    expect(isotropy(0, 2)).toBe(2);
    expect(isotropy(16, 4)).toBe(0);
    expect(isotropy(1, 1)).toBeNull();
    expect(isotropy(0, 0)).toBeNull();
  });
});
