// Each rule on statistics made up for it, against its formula written out once more or worked out by hand.
import { describe, expect, it } from "vitest";
import { threefry2x32 } from "../../../sampling/noise.js";
import { COMMIT_RULES } from "./index.js";
import { isPlain, logConfidence } from "./confidence.js";
import { nextQuota } from "./quota.js";
import { blockOf, chooseBy, UNSURE } from "../../../testing/commit-rehearsal.js";
import type { Candidate } from "./rule.js";

/** Candidates at neighbouring positions with these confidences, and these entropies if given. */
function sure(confidences: readonly number[], entropies?: readonly number[]): Candidate[] {
  return confidences.map((p, i) => ({
    ...UNSURE,
    position: 10 + i,
    logConfidence: Math.log(p),
    entropy: entropies?.[i] ?? 1,
  }));
}

const random = (seed: number, i: number) => (threefry2x32(seed, 9, i, 0)[0] + 0.5) / 2 ** 32;
const someCandidates = (seed: number): Candidate[] => {
  const length = 1 + (seed % 9);
  const confidences = Array.from({ length }, (_, i) => random(seed, i));
  const entropies = Array.from({ length }, (_, i) => 3 * random(seed, 100 + i));
  return sure(confidences, entropies).map((candidate, i) => ({
    ...candidate,
    position: 10 + 2 * i - (seed % 2) * i,
    divergences: [random(seed, 200 + i), random(seed, 300 + i)],
  }));
};
const sorted = (indices: readonly number[]) => [...indices].sort((a, b) => a - b);

describe.each(COMMIT_RULES.map(({ name }) => name))("%s", (name) => {
  it("commits at least one candidate, each once, whatever they say", () => {
    for (let seed = 0; seed < 200; seed++) {
      const candidates = someCandidates(seed);
      const chosen = chooseBy(name, candidates, blockOf({ steps: null }, { numMasks: candidates.length, seed }));
      expect(chosen.length).toBeGreaterThan(0);
      expect(new Set(chosen).size).toBe(chosen.length);
      for (const i of chosen) expect(candidates[i]).toBeDefined();
    }
  });

  it("commits the first of equals, or all", () => {
    if (name === "ancestral" || name === "remdm" || name === "first_hitting") return;
    const chosen = chooseBy(name, sure([0.1, 0.1, 0.1]), blockOf({}));
    expect([[0], [0, 1, 2]]).toContainEqual(sorted(chosen));
  });
});

describe("threshold", () => {
  it("takes all that reach it, at 0 all there are, at 1 one as a quota of one does", () => {
    expect(chooseBy("threshold", sure([0.5, 0.9, 0.2, 0.91]), blockOf({ threshold: 0.9 }))).toEqual([1, 3]);
    for (let seed = 0; seed < 50; seed++) {
      const candidates = someCandidates(seed);
      expect(chooseBy("threshold", candidates, blockOf({ threshold: 0 }))).toEqual([...candidates.keys()]);
      const one = chooseBy("quota", candidates, blockOf({ steps: null }, { numMasks: candidates.length }));
      expect(chooseBy("threshold", candidates, blockOf({ threshold: 1 }))).toEqual(one);
    }
  });
});

describe("factor", () => {
  it("takes the largest n whose n-th surest has at least 1 - f / (n + 1)", () => {
    // 1 - 1/2 = .5, 1 - 1/3 = .67, 1 - 1/4 = .75, 1 - 1/5 = .8: the second surest is too unsure, the third is not.
    expect(sorted(chooseBy("factor", sure([0.7, 0.76, 0.76, 0.76]), blockOf({ factor: 1 })))).toEqual([1, 2, 3]);
    expect(sorted(chooseBy("factor", sure([0.9, 0.6, 0.3]), blockOf({ factor: 1 })))).toEqual([0]);
    for (let seed = 0; seed < 200; seed++) {
      const candidates = someCandidates(seed);
      const f = 4 * random(seed, 999);
      const confidences = candidates.map((candidate) => Math.exp(candidate.logConfidence)).sort((a, b) => b - a);
      let most = 1;
      for (let n = 1; n <= confidences.length; n++) if (confidences[n - 1] >= 1 - f / (n + 1)) most = n;
      expect(chooseBy("factor", candidates, blockOf({ factor: f }))).toHaveLength(most);
      expect(chooseBy("factor", candidates, blockOf({ factor: 1e-9 }))).toHaveLength(1);
    }
  });
});

describe("entropy_bound", () => {
  it("takes the most whose entropies sum to the bound at most beside the largest", () => {
    const candidates = sure([1, 1, 1, 1], [0.3, 0, 0.2, 0.05]);
    const chosen = (entropy_bound: number) => chooseBy("entropy_bound", candidates, blockOf({ entropy_bound }));
    expect(chosen(0)).toEqual([1, 3]);
    expect(chosen(0.04)).toEqual([1, 3]);
    expect(chosen(0.05)).toEqual([1, 3, 2]);
    expect(chosen(0.25)).toEqual([1, 3, 2, 0]);
    for (let seed = 0; seed < 200; seed++) {
      const some = someCandidates(seed);
      const bound = 4 * random(seed, 999);
      const entropies = some.map(({ entropy }) => entropy).sort((a, b) => a - b);
      let most = 1;
      for (let n = 1; n <= entropies.length; n++) {
        const sum = entropies.slice(0, n).reduce((a, b) => a + b, 0);
        if (sum - entropies[n - 1] <= bound) most = n;
      }
      expect(chooseBy("entropy_bound", some, blockOf({ entropy_bound: bound }))).toHaveLength(most);
    }
  });

  it("of 0 takes one and all that are certain", () => {
    expect(chooseBy("entropy_bound", sure([1, 1, 1], [0, 0, 0]), blockOf({ entropy_bound: 0 }))).toEqual([0, 1, 2]);
    expect(chooseBy("entropy_bound", sure([1, 1, 1], [1, 2, 3]), blockOf({ entropy_bound: 0 }))).toEqual([0]);
  });
});

describe("klass", () => {
  const rested = (confidence: number, ...divergences: number[]): Candidate => ({
    ...UNSURE,
    logConfidence: Math.log(confidence),
    divergences,
  });
  const options = { threshold: 0.6, kl_threshold: 0.015, kl_history: 2 };

  it("takes what is sure and has been at rest for so many steps, else the surest", () => {
    const candidates = [
      rested(0.7, 0.01, 0.01),
      rested(0.99, 0.02, 0.01),
      rested(0.99, 0.01),
      rested(0.5, 0, 0),
      rested(0.8, 9, 0, 0.001),
    ].map((candidate, i) => ({ ...candidate, position: i }));
    expect(chooseBy("klass", candidates, blockOf(options))).toEqual([0, 4]);
    expect(chooseBy("klass", candidates, blockOf({ ...options, kl_history: 1 }))).toEqual([0, 1, 2, 4]);
    expect(chooseBy("klass", candidates.slice(1, 4), blockOf(options))).toEqual([0]);
  });
});

describe("wedlm", () => {
  it("takes all whose entropy and distance are together under the limit, else the smallest", () => {
    const candidates = sure([1, 1, 1, 1], [0.35, 0.1, 0.39, 0.31]);
    const limit = { entropy_threshold: 0.4, distance_penalty: 0.05 };
    expect(sorted(chooseBy("wedlm", candidates, blockOf(limit)))).toEqual([0, 1]);
    expect(sorted(chooseBy("wedlm", candidates, blockOf({ ...limit, distance_penalty: 0 })))).toEqual([0, 1, 2, 3]);
    expect(chooseBy("wedlm", sure([1, 1], [2, 1.99]), blockOf({ ...limit, distance_penalty: 0.1 }))).toEqual([0]);
  });
});

describe("hierarchy", () => {
  it("takes all that are sure, the surest of each gap if it may divide it, and the surest of all", () => {
    // Gaps: 10 to 12, 14 to 15, 17.
    const candidates = sure([0.5, 0.95, 0.6, 0.45, 0.5, 0.3]).map((candidate, i) => ({
      ...candidate,
      position: [10, 11, 12, 14, 15, 17][i],
    }));
    const options = { threshold: 0.9, low_threshold: 0.4 };
    expect(sorted(chooseBy("hierarchy", candidates, blockOf(options)))).toEqual([1, 4]);
    expect(sorted(chooseBy("hierarchy", candidates, blockOf({ ...options, low_threshold: 0.2 })))).toEqual([1, 4, 5]);
    expect(sorted(chooseBy("hierarchy", candidates.slice(3), blockOf({ ...options, low_threshold: 0.6 })))).toEqual([
      1,
    ]);
  });
});

describe("cosine quotas", () => {
  it("add up to the masks, rise, and leave out steps without a commit", () => {
    for (let numMasks = 1; numMasks <= 40; numMasks++) {
      for (let numSteps = 1; numSteps <= 45; numSteps++) {
        let committed = 0;
        let steps = 0;
        while (committed < numMasks) {
          committed += nextQuota(numMasks, numSteps, committed, true);
          steps++;
        }
        expect(committed).toBe(numMasks);
        expect(steps).toBeLessThanOrEqual(numSteps);
      }
    }
    // 16 (1 - cos(pi/8)) = 1.2, 16 (1 - cos(pi/4)) = 4.7, 16 (1 - cos(3 pi/8)) = 9.9
    expect([0, 1, 5, 10].map((committed) => nextQuota(16, 4, committed, true))).toEqual([1, 4, 5, 6]);
  });
});

describe("confidence", () => {
  const top = { token: 4, logprob: Math.log(0.5) };
  const drawn = { ...UNSURE, token: 7, logprob: Math.log(0.1), top, secondLogprob: Math.log(0.3), entropy: 1.2 };
  const of = (options: Record<string, string>, measured = drawn) => Math.exp(logConfidence(measured, options));

  it("is a probability, a margin or exp(-entropy), of the drawn or the likeliest token", () => {
    expect(of({})).toBeCloseTo(0.1, 12);
    expect(of({ confidence_of: "top" })).toBeCloseTo(0.5, 12);
    expect(of({ confidence: "margin", confidence_of: "top" })).toBeCloseTo(0.2, 12);
    expect(of({ confidence: "margin" }, { ...drawn, ...top })).toBeCloseTo(0.2, 12);
    expect(of({ confidence: "neg_entropy" })).toBeCloseTo(Math.exp(-1.2), 12);
  });

  it("of a drawn token's margin is nothing where another is likelier, yet ranks by how much", () => {
    expect(of({ confidence: "margin" })).toBe(0);
    const likelier = { ...drawn, logprob: Math.log(0.3) };
    expect(logConfidence(likelier, { confidence: "margin" })).toBeGreaterThan(
      logConfidence(drawn, { confidence: "margin" }),
    );
  });

  it("comes with every draw only as the drawn token's probability", () => {
    expect(isPlain({ confidence: null, confidence_of: null })).toBe(true);
    expect(isPlain({ confidence: "probability", confidence_of: "drawn" })).toBe(true);
    expect(isPlain({ confidence: "margin", confidence_of: "drawn" })).toBe(false);
    expect(isPlain({ confidence: "probability", confidence_of: "top" })).toBe(false);
  });
});
