import { describe, expect, it } from "vitest";
import { PURPOSE, uniform } from "../noise.js";
import { block } from "./block.js";
import type { Law } from "./chance.js";
import { kseq } from "./kseq.js";
import { recursive } from "./recursive.js";
import { rejection } from "./rejection.js";
import { drawnLaw } from "../../testing/drawn-law.js";
import {
  chainDraft,
  chainsDraft,
  distinctChainsDraft,
  type Drafting,
  exactLaw,
  type Rule,
  ruleOf,
  tempered,
  topDraft,
  toyOf,
  treeDraft,
} from "../../testing/toy-chain.js";
import { draftLaws, massOf, ratio, residualOf } from "./verifier.js";

/** Far above the 1e-12 of a right rule, and above what the tests of drawn texts could miss. */
const CLEAR = 0.003;

/** Laws unlike enough that block verification often stops in the middle: the bug in its residual is the mildest. */
const toy = toyOf({ vocab: 4, seed: 1, sharpness: 2, likeness: 0 });

/** Rejection with its parts replaced. */
function brokenRejection(parts: { residual?: typeof residualOf; bonusRow?: (length: number) => number }): Rule {
  const { residual = residualOf, bonusRow = (length: number) => length } = parts;
  return (round, chance) => {
    const { tokens, target } = round;
    const accepted = tokens.findIndex((token, i) => !chance.accept(ratio(target[i], draftLaws(round)[i], token), i, 0));
    const path = [...tokens.keys()].slice(0, accepted < 0 ? tokens.length : accepted);
    const i = path.length;
    const weights = accepted < 0 ? target[bonusRow(i)] : residual(target[i], draftLaws(round)[i]);
    return { path, token: chance.draw(weights, PURPOSE.residual, i, 0) };
  };
}

/** Block verification whose residual is rejection's. */
const blockWithoutReach: Rule = (round, chance) => {
  const decision = block.decide(round, chance);
  const i = decision.path.length;
  if (i === round.tokens.length) return decision;
  return { ...decision, token: chance.draw(residualOf(round.target[i], draftLaws(round)[i]), PURPOSE.resample, i, 0) };
};

/** Temperature 0.5 reached the drafter, not the law that the rule is told. */
const draftAtHalf: Drafting = (told, chance) => {
  const round = chainDraft(2)({ ...told, draft: (prefix) => tempered(told.draft(prefix), 0.5) }, chance);
  return { ...round, draft: round.draft?.map((q) => tempered(q, 2)) };
};

/** k-SEQ at one position with a scale that isn't valid: 1. */
const kseqAtScaleOne: Rule = (round, chance) => {
  const [p, q] = [round.target[0], draftLaws(round)[0]];
  const single = massOf(p.map((probability, x) => Math.min(q[x], probability)));
  const first = round.tokens.findIndex((token, chain) => chance.accept(ratio(p, q, token), 0, chain));
  if (first >= 0) return { path: [first], token: chance.draw(round.target[first + 1], PURPOSE.token, 1, 0) };
  const share = (1 - (1 - single) ** round.tokens.length) / single;
  const residual: Law = p.map((probability, x) => Math.max(0, probability - Math.min(q[x], probability) * share));
  return { path: [], token: chance.draw(residual, PURPOSE.residual, 0, 0) };
};

describe("a planted bug shows in the exact law", () => {
  const bugs: [bug: string, drafting: Drafting, rule: Rule, length: number][] = [
    ["a residual that is q", chainDraft(2), brokenRejection({ residual: (_, q) => q }), 3],
    [
      "a residual that isn't clamped",
      chainDraft(2),
      brokenRejection({ residual: (p, q) => p.map((x, i) => Math.abs(x - q[i])) }),
      3,
    ],
    ["a bonus from the row before", chainDraft(2), brokenRejection({ bonusRow: (length) => length - 1 }), 3],
    ["q before temperature", draftAtHalf, ruleOf(rejection), 3],
    ["soft q for the likeliest drafts", topDraft(1, 2), ruleOf(rejection), 3],
    ["soft q for the likeliest drafts of a tree", topDraft(2, 2), ruleOf(recursive), 3],
    ["a block residual without P", chainDraft(3), blockWithoutReach, 3],
    ["k-SEQ's scale too small", chainsDraft(3, 1), kseqAtScaleOne, 2],
    ["q of drafts with replacement for drafts without", treeDraft([3], false), ruleOf(recursive), 2],
    ["drafts of distinct chains as if they could repeat", distinctChainsDraft(3, 2), ruleOf(recursive), 2],
    ["k-SEQ on drafts that aren't independent", treeDraft([2], false), ruleOf(kseq), 2],
  ];

  it("and the variants without their bug are right", () => {
    expect(exactLaw(toy, chainDraft(2), brokenRejection({}), 3).error).toBeLessThan(1e-12);
    expect(exactLaw(toy, chainsDraft(1, 1), kseqAtScaleOne, 2).error).toBeLessThan(1e-12);
    expect(exactLaw(toy, chainDraft(1), blockWithoutReach, 2).error).toBeLessThan(1e-12);
  });

  it.each(bugs)("%s", (_, drafting, rule, length) => {
    expect(exactLaw(toy, drafting, rule, length).error).toBeGreaterThan(CLEAR);
  });
});

describe("a planted bug shows in drawn texts", () => {
  const drawing = {
    toy: toyOf({ vocab: 6, seed: 5, sharpness: 2 }),
    drafting: chainDraft(3),
    length: 3,
    numTexts: 20_000,
  };

  it("one uniform for the test and for the residual, which no enumeration of independent decisions can see", () => {
    const { chiSquare, limit } = drawnLaw({
      ...drawing,
      rule: ruleOf(rejection),
      through: (chance, seed) => {
        let u = 0;
        return {
          accept(probability, depth) {
            u = uniform(seed, PURPOSE.accept, depth, 0, 0);
            return u < probability;
          },
          draw(weights, purpose, depth, chain) {
            if (purpose !== PURPOSE.residual) return chance.draw(weights, purpose, depth, chain);
            let rest = u * massOf(weights);
            return weights.findIndex((weight) => {
              rest -= weight;
              return rest < 0;
            });
          },
        };
      },
    });
    expect(chiSquare).toBeGreaterThan(3 * limit);
  });

  it("a residual that is q", () => {
    const { chiSquare, limit } = drawnLaw({ ...drawing, rule: brokenRejection({ residual: (_, q) => q }) });
    expect(chiSquare).toBeGreaterThan(3 * limit);
  });
});
