import { describe, expect, it } from "vitest";
import type { TokenId } from "../../vocabulary/events.js";
import { argmax } from "../processors.js";
import { bildWith, keepsDrafting } from "./bild.js";
import { type Law, noiseChance } from "./chance.js";
import { Growth, topDraft, type Toy, toyOf } from "../../testing/toy-chain.js";
import { typical, typicalWith } from "./typical.js";

const chance = noiseChance({ seed: 4, position: 0 });

/** The law that a greedy target draws from. */
function oneHot(law: Law): Law {
  return law.map((_, token) => (token === argmax(law) ? 1 : 0));
}

describe("typical acceptance", () => {
  it("at temperature 0 accepts what equals the target's argmax, and nothing else", () => {
    for (let seed = 0; seed < 30; seed++) {
      const toy = toyOf({ vocab: 5, seed, sharpness: 2, likeness: 0.8 });
      const greedy = { ...toy, target: (prefix: readonly TokenId[]) => oneHot(toy.target(prefix)) };
      const round = topDraft(2, 3)(greedy, chance);
      const expected: number[] = [];
      for (let node = -1, next = 0; next >= 0; node = next) {
        const token = argmax(round.target[node + 1]);
        next = round.tokens.findIndex((draft, i) => round.parents[i] === node && draft === token);
        if (next >= 0) expected.push(next);
      }
      const { path, token } = typical.decide(round, chance);
      expect(path).toEqual(expected);
      expect(token).toBe(argmax(round.target[(expected.at(-1) ?? -1) + 1]));
    }
  });

  it("asks for more than the smaller of epsilon and delta exp(-H)", () => {
    const p = Float64Array.of(0.5, 0.35, 0.1, 0.05);
    const entropy = -p.reduce((sum, x) => sum + x * Math.log(x), 0);
    const accepts = (epsilon: number, delta: number) =>
      [0, 1, 2, 3].filter((token) => {
        const round = { tokens: [token], parents: [-1], target: [p, p] };
        return typicalWith({ epsilon, delta }).decide(round, chance).path.length === 1;
      });
    expect(accepts(0.3, 9)).toEqual([0, 1]);
    expect(accepts(0.35, 9)).toEqual([0]);
    expect(accepts(0.3, 0.099 * Math.exp(entropy))).toEqual([0, 1, 2]);
    expect(accepts(0.3, 0.101 * Math.exp(entropy))).toEqual([0, 1]);
  });

  it("takes the longest path, the likeliest among equals", () => {
    const p = Float64Array.of(0.4, 0.3, 0.3);
    const target = Array.from({ length: 6 }, () => p);
    // Paths 0 | 1 2 | 1 0 of tokens.
    const round = { tokens: [0, 1, 2, 0], parents: [-1, -1, 1, 1], target };
    expect(typical.decide(round, chance).path).toEqual([1, 3]);
  });
});

interface BildRun {
  fallback: number;
  rollback: number;
  rule?: "corrected" | "literal";
  maxDrafts?: number;
  /** Let the target write one token before anything is drafted. */
  startsLarge?: boolean;
}

/** The whole loop of BiLD: the text, the target's passes and how often drafts were taken back. */
function runBild(toy: Toy, { fallback, rollback, rule = "corrected", maxDrafts = 10, startsLarge = true }: BildRun) {
  const length = 40;
  const verifier = bildWith({ rollback, rule });
  const text: TokenId[] = [];
  let [passes, rollbacks] = [0, 0];
  for (let round = 0; text.length < length; round++) {
    const drafts = new Growth();
    let node = -1;
    while (round > 0 || !startsLarge) {
      const law = toy.draft([...text, ...drafts.text(node)]);
      const numDrafts = node + 1;
      if (numDrafts === maxDrafts || text.length + numDrafts >= length || !keepsDrafting(law, fallback)) break;
      node = drafts.add(node, argmax(law));
    }
    const behind = { ...toy, target: (prefix: readonly TokenId[]) => toy.target([...text, ...prefix]) };
    const made = drafts.round(behind);
    const { path, token } = verifier.decide(made, chance);
    passes++;
    if (path.length < made.tokens.length) rollbacks++;
    text.push(...path.map((draft) => made.tokens[draft]), token);
  }
  return { text: text.slice(0, length), passes, rollbacks };
}

function greedyText(law: (prefix: readonly TokenId[]) => Law): TokenId[] {
  const text: TokenId[] = [];
  while (text.length < 40) text.push(argmax(law(text)));
  return text;
}

describe("BiLD", () => {
  const toys = Array.from({ length: 20 }, (_, seed) => toyOf({ vocab: 12, seed, sharpness: 3, likeness: 0.4 }));

  it("is the target's greedy text when no draft is sure enough, a pass a token", () => {
    for (const toy of toys) {
      const { text, passes } = runBild(toy, { fallback: 1.01, rollback: 5 });
      expect(text).toEqual(greedyText(toy.target));
      expect(passes).toBe(40);
    }
  });

  it("is the target's greedy text when nothing is forgiven; the literal rule's is not", () => {
    const differs = toys.filter((toy) => {
      expect(runBild(toy, { fallback: 0, rollback: 0 }).text).toEqual(greedyText(toy.target));
      return runBild(toy, { fallback: 0, rollback: 0, rule: "literal" }).text.join() !== greedyText(toy.target).join();
    });
    expect(differs.length).toBeGreaterThan(0);
  });

  it("is the drafter's greedy text when it starts, never doubts and all is forgiven", () => {
    const limits = { fallback: 0, rollback: Number.POSITIVE_INFINITY, maxDrafts: 40, startsLarge: false };
    for (const toy of toys) {
      const { text, passes } = runBild(toy, limits);
      expect(text).toEqual(greedyText(toy.draft));
      expect(passes).toBe(1);
    }
  });

  it("takes nothing back when both models are the same", () => {
    for (let seed = 0; seed < 10; seed++) {
      const toy = toyOf({ vocab: 12, seed, sharpness: 3, likeness: 1 });
      for (const rule of ["corrected", "literal"] as const) {
        const { text, rollbacks } = runBild(toy, { fallback: 0.3, rollback: 0, rule });
        expect(rollbacks).toBe(0);
        expect(text).toEqual(greedyText(toy.target));
      }
    }
  });

  it("asks the target less often the less sure the drafter must be", () => {
    const passes = [1.01, 0.6, 0.4, 0.2, 0].map((fallback) =>
      toys.reduce((sum, toy) => sum + runBild(toy, { fallback, rollback: 5 }).passes, 0),
    );
    expect(passes).toEqual([...passes].sort((a, b) => b - a));
    expect(new Set(passes).size).toBeGreaterThan(2);
  });
});

describe("BiLD's limits", () => {
  it("take in what is just as unlikely, and just as sure", () => {
    const raw = [Float64Array.of(0.75, 0.25), Float64Array.of(1, 0)];
    const target = raw.map(oneHot);
    const round = { tokens: [1], parents: [-1], target, raw };
    expect(bildWith({ rollback: -Math.log(0.25), rule: "corrected" }).decide(round, chance).path).toEqual([0]);
    expect(bildWith({ rollback: 1.38, rule: "corrected" }).decide(round, chance).path).toEqual([]);
    expect(keepsDrafting(Float64Array.of(0.6, 0.4), 0.6)).toBe(true);
    expect(keepsDrafting(Float64Array.of(0.59, 0.41), 0.6)).toBe(false);
  });
});
