import { describe, expect, it } from "vitest";
import { block } from "./block.js";
import { coupling, pointMass } from "./coupling.js";
import { kseq } from "./kseq.js";
import { recursive, recursiveWithoutReplacement } from "./recursive.js";
import { rejection } from "./rejection.js";
import {
  chainDraft,
  chainsDraft,
  distinctChainsDraft,
  type Drafting,
  exactLaw,
  ruleOf,
  topDraft,
  toyOf,
  treeDraft,
} from "../../testing/toy-chain.js";
import type { Verifier } from "./verifier.js";

/** Every pair of a verifier and drafts that it is right for, small enough to enumerate. */
const CASES: [verifier: Verifier, drafts: string, vocab: number, length: number, drafting: Drafting][] = [
  [rejection, "a chain", 6, 3, chainDraft(3)],
  [rejection, "no draft", 6, 1, chainDraft(0)],
  [block, "a chain", 6, 3, chainDraft(3)],
  [block, "a chain of 4", 3, 4, chainDraft(4)],
  [kseq, "1 chain", 6, 3, chainsDraft(1, 3)],
  [kseq, "2 chains", 6, 1, chainsDraft(2, 1)],
  [kseq, "2 chains", 4, 2, chainsDraft(2, 2)],
  [kseq, "2 chains", 3, 3, chainsDraft(2, 3)],
  [kseq, "3 chains", 6, 1, chainsDraft(3, 1)],
  [kseq, "3 chains", 3, 2, chainsDraft(3, 2)],
  [kseq, "3 chains", 2, 3, chainsDraft(3, 3)],
  [recursive, "a chain", 6, 3, treeDraft([1, 1, 1], true)],
  [recursive, "3 drafts", 6, 1, treeDraft([3], true)],
  [recursive, "a tree of 2 x 2", 3, 2, treeDraft([2, 2], true)],
  [recursive, "a tree of 2 x 1 x 1", 3, 3, treeDraft([2, 1, 1], true)],
  [recursiveWithoutReplacement, "3 drafts", 6, 1, treeDraft([3], false)],
  [recursiveWithoutReplacement, "a tree of 2 x 2", 3, 2, treeDraft([2, 2], false)],
  [recursiveWithoutReplacement, "a tree of 2 x 1 x 1", 3, 3, treeDraft([2, 1, 1], false)],
  [recursiveWithoutReplacement, "the whole vocabulary", 3, 2, treeDraft([3, 1], false)],
  [recursiveWithoutReplacement, "2 chains", 4, 2, distinctChainsDraft(2, 2)],
  [recursiveWithoutReplacement, "more chains than tokens", 2, 2, distinctChainsDraft(3, 2)],
  [pointMass, "the likeliest drafts, a chain", 6, 3, topDraft(1, 3)],
  [pointMass, "the likeliest drafts, a tree", 6, 3, topDraft(2, 3)],
  [coupling, "a tree", 6, 3, topDraft(2, 3)],
];

const SHAPES = {
  "mild laws": { seed: 1 },
  "peaky laws": { seed: 2, sharpness: 4, likeness: 0.6 },
  "laws with gaps": { seed: 3, isSparse: true },
};

describe.each(Object.entries(SHAPES))("verifiers by enumeration, %s", (_, shape) => {
  for (const [verifier, drafts, vocab, length, drafting] of CASES) {
    it(`${verifier.name}: the text has the target's law with ${drafts}, V = ${vocab}, L = ${length}`, () => {
      const toy = toyOf({ ...shape, vocab });
      expect(exactLaw(toy, drafting, ruleOf(verifier), length + 1).error).toBeLessThan(1e-12);
    });
  }
});
