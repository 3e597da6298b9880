import { describe, expect, it } from "vitest";
import { GREEDY } from "../../seam/sampler.js";
import { PURPOSE, uniform } from "../noise.js";
import { probabilities, select } from "../processors.js";
import { block } from "./block.js";
import { type Chance, noiseChance } from "./chance.js";
import { coupling, pointMass } from "./coupling.js";
import { drawnLaw } from "../../testing/drawn-law.js";
import { verifiers } from "./index.js";
import { kseq } from "./kseq.js";
import { recursive, recursiveWithoutReplacement } from "./recursive.js";
import { rejection } from "./rejection.js";
import {
  chainDraft,
  chainsDraft,
  type Drafting,
  exactLaw,
  ruleOf,
  textOf,
  topDraft,
  toyOf,
  treeDraft,
} from "../../testing/toy-chain.js";
import type { Verifier } from "./verifier.js";
import { IS_WHOLE } from "../../testing/test-depth.js";

const toy = toyOf({ vocab: 6, seed: 5, sharpness: 2 });

/** Drafts with the noise that autoregressive draws with. */
const sharedNoiseDraft: Drafting = (shape, chance) =>
  chainDraft(3)(shape, { ...chance, draw: (weights, _, depth) => chance.draw(weights, PURPOSE.token, depth, 0) });

const CASES: [verifier: Verifier, drafting: Drafting][] = [
  [rejection, chainDraft(3)],
  [block, chainDraft(3)],
  [kseq, chainsDraft(2, 3)],
  [recursive, treeDraft([2, 2], true)],
  [recursiveWithoutReplacement, treeDraft([2, 2], false)],
  [pointMass, topDraft(2, 3)],
  [coupling, sharedNoiseDraft],
];

/** The law itself is enumerated in the tests of exact laws: these see whether noise is used as it is meant. */
const NUM_TEXTS = IS_WHOLE ? 20_000 : 8000;

describe("drawn texts", () => {
  for (const [verifier, drafting] of CASES) {
    it(`${verifier.name}: ${NUM_TEXTS} of them have the target's law`, () => {
      const rule = ruleOf(verifier);
      const { chiSquare, limit } = drawnLaw({ toy, drafting, rule, length: 3, numTexts: NUM_TEXTS });
      expect(chiSquare).toBeLessThan(limit);
    });
  }

  it("accept as often as the exact law says", () => {
    for (const [verifier, drafting] of CASES.slice(0, 2)) {
      const rule = ruleOf(verifier);
      const { accepted } = drawnLaw({ toy, drafting, rule, length: 1, numTexts: 10_000 });
      expect(Math.abs(accepted - exactLaw(toy, drafting, rule, 1).accepted)).toBeLessThan(4 * (1.5 / 100));
    }
  });

  it("coupling: are autoregressive's token for token, whatever is drafted", () => {
    for (let seed = 0; seed < 200; seed++) {
      const chance = noiseChance({ seed, position: 7 });
      for (const drafting of [sharedNoiseDraft, topDraft(2, 3), chainDraft(0), treeDraft([2, 2], true)]) {
        const round = drafting(toy, chance);
        const text = textOf(round, coupling.decide(round, chance));
        const expected: number[] = [];
        for (let i = 0; i < text.length; i++) expected.push(chance.draw(toy.target(expected), PURPOSE.token, i, 0));
        expect(text).toEqual(expected);
      }
    }
  });

  it("without drafts, every lossless verifier's are autoregressive's token for token, but for point-mass's own noise", () => {
    for (const verifier of verifiers.filter(({ fidelity }) => fidelity !== "approximate")) {
      if (verifier === pointMass) continue;
      for (let seed = 0; seed < 50; seed++) {
        const chance = noiseChance({ seed, position: 7 });
        const { token } = verifier.decide(chainDraft(0)(toy, chance), chance);
        expect(token).toBe(chance.draw(toy.target([]), PURPOSE.token, 0, 0));
      }
    }
  });
});

describe("a draw of purpose token", () => {
  it("is the sampler's own, in any round and chain, after its filters", () => {
    const sampler = { ...GREEDY, temperature: 0.8, topP: 0.9, minP: 0.02 };
    for (let seed = 0; seed < 500; seed++) {
      const logits = Array.from({ length: 30 }, (_, token) => 5 * uniform(seed, PURPOSE.order, 0, 0, token));
      const { token } = select(logits, { ...sampler, seed }, { position: 12, draw: 0, history: [] });
      const law = probabilities(logits, { ...sampler, seed }, []);
      expect(noiseChance({ seed, position: 10 }).draw(law, PURPOSE.token, 2, 3)).toBe(token);
    }
  });
});

describe("a round's noise", () => {
  it("is asked for once each, so that its decisions are independent", () => {
    for (const [verifier, drafting] of CASES.filter(([verifier]) => verifier !== coupling)) {
      for (let seed = 0; seed < 300; seed++) {
        const asked: string[] = [];
        const noise = noiseChance({ seed, position: 0 });
        const recording: Chance = {
          accept(probability, depth, chain) {
            asked.push(`accept ${depth} ${chain}`);
            return noise.accept(probability, depth, chain);
          },
          draw(weights, purpose, depth, chain) {
            asked.push(`${purpose} ${depth} ${purpose === PURPOSE.token ? 0 : chain}`);
            return noise.draw(weights, purpose, depth, chain);
          },
        };
        verifier.decide(drafting(toy, recording), recording);
        expect(new Set(asked).size).toBe(asked.length);
      }
    }
  });

  it("differs from round to round and from chain to chain", () => {
    const uniformOf = (position: number, chain: number) => {
      let [low, high] = [0, 1];
      for (let i = 0; i < 20; i++) {
        const middle = (low + high) / 2;
        if (noiseChance({ seed: 1, position }).accept(middle, 0, chain)) high = middle;
        else low = middle;
      }
      return low;
    };
    expect(new Set([uniformOf(0, 0), uniformOf(0, 1), uniformOf(1, 0), uniformOf(1, 63), uniformOf(2, 0)]).size).toBe(
      5,
    );
  });
});
