import { describe, expect, it } from "vitest";
import { PURPOSE } from "../noise.js";
import { block } from "./block.js";
import { type Law, noiseChance } from "./chance.js";
import { coupling } from "./coupling.js";
import { kseq, kseqPosition } from "./kseq.js";
import { recursive, recursiveWithoutReplacement } from "./recursive.js";
import { rejection } from "./rejection.js";
import {
  chainDraft,
  chainsDraft,
  type Drafting,
  exactLaw,
  lawOf,
  ruleOf,
  toyOf,
  treeDraft,
} from "../../testing/toy-chain.js";
import { massOf, type Verifier } from "./verifier.js";

const overlapOf = (p: Law, q: Law) => massOf(p.map((probability, token) => Math.min(probability, q[token])));

/** Laws to compare at one position: mild, peaky, with gaps, and next to equal. */
const PAIRS = [
  { seed: 1 },
  { seed: 2, sharpness: 4 },
  { seed: 3, isSparse: true },
  { seed: 4, likeness: 0.999 },
  { seed: 5, sharpness: 2, likeness: 0 },
].map((shape) => {
  const toy = toyOf({ ...shape, vocab: 6 });
  return { toy, p: toy.target([]), q: toy.draft([]) };
});

describe("accepted drafts", () => {
  it("rejection: one passes with probability sum min(p, q)", () => {
    for (const { toy, p, q } of PAIRS) {
      expect(exactLaw(toy, chainDraft(1), ruleOf(rejection), 1).accepted).toBeCloseTo(overlapOf(p, q), 12);
    }
  });

  it("coupling: one with the same noise passes with probability (1 - TV) / (1 + TV) or more", () => {
    const numRounds = 4000;
    for (const { p, q } of PAIRS) {
      let accepted = 0;
      for (let seed = 0; seed < numRounds; seed++) {
        const chance = noiseChance({ seed, position: 1 });
        const round = { tokens: [chance.draw(q, PURPOSE.token, 0, 0)], parents: [-1], target: [p, p] };
        accepted += coupling.decide(round, chance).path.length;
      }
      const overlap = overlapOf(p, q);
      const bound = overlap / (2 - overlap);
      expect(accepted / numRounds).toBeGreaterThan(bound - 3 * Math.sqrt((bound * (1 - bound)) / numRounds));
    }
  });

  it("block: as many as rejection or more, and more somewhere", () => {
    for (const length of [1, 2, 3, 4]) {
      const gains = [1, 2, 3, 4].map((seed) => {
        const toy = toyOf({ vocab: 4, seed, sharpness: 2 });
        const meanOf = (verifier: Verifier) => exactLaw(toy, chainDraft(length), ruleOf(verifier), 1).accepted;
        return meanOf(block) - meanOf(rejection);
      });
      expect(Math.min(...gains)).toBeGreaterThan(-1e-12);
      if (length > 1) expect(Math.max(...gains)).toBeGreaterThan(1e-3);
    }
  });

  const drafters: [verifier: Verifier, drafting: Drafting, length: number][] = [
    [rejection, chainDraft(3), 3],
    [block, chainDraft(3), 3],
    [kseq, chainsDraft(3, 2), 2],
    [recursive, treeDraft([2, 2], true), 2],
    [recursiveWithoutReplacement, treeDraft([2, 2], false), 2],
  ];

  for (const [verifier, drafting, length] of drafters) {
    it(`${verifier.name}: all, when the draft law is the target's`, () => {
      const toy = toyOf({ vocab: 3, seed: 6, likeness: 1 });
      expect(exactLaw(toy, drafting, ruleOf(verifier), 1).accepted).toBeCloseTo(length, 12);
      for (let seed = 0; seed < 500; seed++) {
        const chance = noiseChance({ seed, position: 0 });
        expect(verifier.decide(drafting(toy, chance), chance).path).toHaveLength(length);
      }
    });
  }

  it("coupling: all, when the draft law is the target's and the noise is shared", () => {
    const { p } = PAIRS[0];
    for (let seed = 0; seed < 500; seed++) {
      const chance = noiseChance({ seed, position: 0 });
      const tokens = [chance.draw(p, PURPOSE.token, 0, 0), chance.draw(p, PURPOSE.token, 1, 0)];
      expect(coupling.decide({ tokens, parents: [-1, 0], target: [p, p, p] }, chance).path).toEqual([0, 1]);
    }
  });
});

/**
 * The most that any rule can accept with k independent drafts of q: the maximum flow from sets of drafts to their
 * tokens is the minimum cut, over sets A of tokens p(A) + 1 - q(A)^k.
 */
function bestAcceptance(p: Law, q: Law, k: number): number {
  let best = 1;
  for (let set = 0; set < 2 ** p.length; set++) {
    let [pInside, qInside] = [0, 0];
    for (let token = 0; token < p.length; token++) {
      if (((set >> token) & 1) === 0) continue;
      pInside += p[token];
      qInside += q[token];
    }
    best = Math.min(best, pInside + 1 - Math.min(1, qInside) ** k);
  }
  return best;
}

describe("k-SEQ", () => {
  const KS = [1, 2, 3, 4, 8];

  it("has a scale between 1 and k and a residual that is a law", () => {
    for (const { p, q } of PAIRS) {
      for (const k of KS) {
        const { scale, acceptance, residual } = kseqPosition(p, q, k);
        expect(scale).toBeGreaterThanOrEqual(1);
        expect(scale).toBeLessThanOrEqual(k);
        expect(Math.min(...residual)).toBeGreaterThan(-1e-12);
        expect(massOf(residual)).toBeCloseTo(1 - acceptance, 12);
      }
    }
  });

  it("is rejection with one draft", () => {
    for (const { p, q } of PAIRS) {
      const { scale, acceptance, residual } = kseqPosition(p, q, 1);
      expect([scale, acceptance]).toEqual([1, expect.closeTo(overlapOf(p, q), 12)]);
      for (const [token, weight] of residual.entries())
        expect(weight).toBeCloseTo(Math.max(p[token] - q[token], 0), 12);
    }
  });

  it("accepts more with more drafts, and at least 1 - (1 - 1/k)^k of what is possible", () => {
    for (const { p, q } of PAIRS) {
      let before = 0;
      for (const k of KS) {
        const { acceptance } = kseqPosition(p, q, k);
        expect(acceptance).toBeGreaterThanOrEqual(before - 1e-12);
        const best = bestAcceptance(p, q, k);
        expect(acceptance).toBeLessThanOrEqual(best + 1e-12);
        expect(acceptance).toBeGreaterThanOrEqual((1 - (1 - 1 / k) ** k) * best - 1e-12);
        expect(acceptance).toBeGreaterThanOrEqual((1 - 1 / Math.E) * best);
        before = acceptance;
      }
    }
  });

  it("accepts nothing of disjoint laws and draws from the target's", () => {
    const [p, q] = [lawOf(Float64Array.of(1, 2, 0, 0)), lawOf(Float64Array.of(0, 0, 1, 1))];
    expect(kseqPosition(p, q, 3)).toEqual({ scale: 1, acceptance: 0, residual: p });
    const disjoint = { vocab: 4, target: () => p, draft: () => q };
    expect(exactLaw(disjoint, chainsDraft(3, 2), ruleOf(kseq), 3)).toEqual({
      error: expect.closeTo(0, 12),
      accepted: 0,
    });
  });
});
