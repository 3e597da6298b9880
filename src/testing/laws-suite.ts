import { beforeAll, describe, expect, it } from "vitest";
import type { Architecture } from "../architecture/architecture.js";
import { blockDiffusion } from "../decode/block-diffusion/decoder.js";
import { generate } from "../decode/engine/engine.js";
import { speculative } from "../decode/speculative/decoder.js";
import { probabilities, softmax } from "../sampling/processors.js";
import type { Model } from "../seam/model.js";
import { sample } from "../seam/questions/sample.js";
import { GREEDY, type Sampler } from "../seam/sampler.js";
import { TINY_MASK as MASK, TINY_VOCAB as VOCAB } from "./tiny-model.js";

const NO_TEXT = { bytes: () => new Uint8Array(), isSpecial: () => false };
const PLAIN: Sampler = { ...GREEDY, temperature: 1 };

/** Pearson's statistic, with outcomes of small expectation joined; and its number of degrees of freedom. */
function chiSquare(counts: readonly number[], law: readonly number[]): { statistic: number; freedom: number } {
  const total = counts.reduce((a, b) => a + b, 0);
  let [statistic, freedom, restCount, restExpected] = [0, -1, 0, 0];
  const add = (count: number, expected: number) => {
    statistic += (count - expected) ** 2 / expected;
    freedom++;
  };
  law.forEach((probability, i) => {
    if (probability * total >= 5) {
      add(counts[i], probability * total);
    } else {
      restCount += counts[i];
      restExpected += probability * total;
    }
  });
  if (restExpected > 1) add(restCount, restExpected);
  return { statistic, freedom };
}

/** About one run in 30,000 of a right sampler lies beyond; the seeds are fixed, so it passes always or never. */
const limitOf = (freedom: number) => freedom + 4 * Math.sqrt(2 * freedom) + 6;

/** What is drawn on tiny models of one backend has the laws that enumerating gives; `make` makes one by a seed. */
export function lawsSuite(make: (seed: number, change?: Partial<Architecture>) => Promise<Model>): void {
  let model: Model;
  beforeAll(async () => {
    model = await make(40);
  });

  describe("draws follow the model's law", () => {
    it.each<[string, Partial<Sampler>]>([
      ["as it is", {}],
      ["at a temperature", { temperature: 0.6 }],
      ["cut by top-p and a penalty", { topP: 0.93, repetitionPenalty: 1.4 }],
    ])("%s", async (_title, change) => {
      const session = model.session();
      const rows = session.forward({ tokens: [0, 3, 1], attend: "causal", rows: "last", keep: 0 });
      const law = Array.from(probabilities(await rows.logits(), { ...PLAIN, ...change }, [0, 3, 1]));
      const counts = new Array<number>(VOCAB).fill(0);
      for (let seed = 0; seed < 4000; seed += 250) {
        const draws = Array.from({ length: 250 }, (_, i) =>
          rows.ask(sample({ ...PLAIN, ...change, seed: seed + i }, i % 3)).read(),
        );
        for (const [{ token }] of await Promise.all(draws)) counts[token]++;
      }
      const { statistic, freedom } = chiSquare(counts, law);
      expect(freedom).toBeGreaterThan(1);
      expect(statistic).toBeLessThan(limitOf(freedom));
      law.forEach((probability, token) => {
        if (probability === 0) expect(counts[token]).toBe(0);
      });
      // Negative control: the statistic would notice an even law.
      expect(
        chiSquare(
          counts,
          law.map((probability) => (probability > 0 ? 1 / freedom : 0)),
        ).statistic,
      ).toBeGreaterThan(100);
      session.dispose();
    });
  });

  describe("block diffusion, one commit a step in random order", () => {
    const PROMPT = 2;

    /** The law of the three tokens behind the prompt: every order is as likely, and every choice by the model's own law. */
    async function exactLaw(): Promise<number[]> {
      const session = model.session();
      const law = new Array<number>(4 ** 3).fill(0);
      const conditionals = new Map<string, Float64Array[]>();
      const at = async (tokens: number[]) => {
        const key = tokens.join();
        let rows = conditionals.get(key);
        if (!rows) {
          const logits = await session
            .forward({ tokens: [PROMPT, ...tokens], attend: { block: 4 }, rows: [1, 2, 3], keep: 0 })
            .logits();
          rows = [0, 1, 2].map((i) => softmax(Float64Array.from(logits.subarray(i * VOCAB, i * VOCAB + MASK))));
          conditionals.set(key, rows);
        }
        return rows;
      };
      const walk = async (tokens: number[], probability: number): Promise<void> => {
        const masked = [0, 1, 2].filter((i) => tokens[i] === MASK);
        if (masked.length === 0) {
          law[tokens[0] * 16 + tokens[1] * 4 + tokens[2]] += probability;
          return;
        }
        const rows = await at(tokens);
        for (const i of masked) {
          for (let token = 0; token < MASK; token++) {
            await walk(tokens.with(i, token), (probability / masked.length) * rows[i][token]);
          }
        }
      };
      await walk([MASK, MASK, MASK], 1);
      session.dispose();
      return law;
    }

    async function drawCounts(options: Record<string, unknown>, numRuns: number): Promise<number[]> {
      const target = model.session();
      const counts = new Array<number>(4 ** 3).fill(0);
      for (let seed = 0; seed < numRuns; seed++) {
        const { ids } = await generate(
          {
            decoder: blockDiffusion,
            promptIds: [PROMPT],
            tokenizer: NO_TEXT,
            capabilities: model.capabilities,
            target,
            options: { max_new_tokens: 3, temperature: 1, seed, ...options },
          },
          () => undefined,
        );
        counts[ids[0] * 16 + ids[1] * 4 + ids[2]]++;
      }
      target.dispose();
      return counts;
    }

    it("has the law that enumerating all its paths gives, which three commits in one step don't have", {
      timeout: 300_000,
    }, async () => {
      const law = await exactLaw();
      expect(law.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      const right = chiSquare(await drawCounts({ denoising_steps: 3, order: "random" }, 800), law);
      expect(right.freedom).toBeGreaterThan(15);
      expect(right.statistic).toBeLessThan(limitOf(right.freedom));
      const parallel = chiSquare(await drawCounts({ denoising_steps: 1, order: "random" }, 400), law);
      expect(parallel.statistic).toBeGreaterThan(limitOf(parallel.freedom));
    });
  });

  describe("speculation with a draft model of another law", () => {
    const PROMPT = [2, 0];
    const LENGTH = 3;
    /** Reads left to right, without a mask. */
    const CAUSAL: Partial<Architecture> = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };

    /** By enumeration: a text's probability is the product of its tokens'. */
    async function exactLaw(target: Model): Promise<number[]> {
      const session = target.session();
      const law: number[] = [];
      const walk = async (text: number[], probability: number): Promise<void> => {
        if (text.length === LENGTH) {
          law.push(probability);
          return;
        }
        const rows = session.forward({ tokens: [...PROMPT, ...text], attend: "causal", rows: "last", keep: 0 });
        const conditional = softmax(Float64Array.from(await rows.logits()));
        for (const [token, p] of conditional.entries()) await walk([...text, token], probability * p);
      };
      await walk([], 1);
      session.dispose();
      return law;
    }

    it.each([
      ["rejection", {}],
      ["block", {}],
      ["kseq", { drafter: "chains", num_draft_chains: 3 }],
      ["recursive", { drafter: "chains", num_draft_chains: 3 }],
    ])(
      "verified by %s writes the target's law, and not the draft's",
      {
        timeout: 300_000,
      },
      async (verifier, more) => {
        const [target, draft] = [await make(40, CAUSAL), await make(90, CAUSAL)];
        const sessions = { target: target.session(), draft: draft.session() };
        const counts = new Array<number>(VOCAB ** LENGTH).fill(0);
        let accepted = 0;
        for (let seed = 0; seed < 450; seed++) {
          const { ids, metrics } = await generate(
            {
              decoder: speculative,
              promptIds: PROMPT,
              tokenizer: NO_TEXT,
              capabilities: target.capabilities,
              draftCapabilities: draft.capabilities,
              ...sessions,
              options: { max_new_tokens: LENGTH, temperature: 1, seed, verifier, num_assistant_tokens: 2, ...more },
            },
            () => undefined,
          );
          counts[ids.reduce((cell, id) => cell * VOCAB + id, 0)]++;
          accepted += metrics.accepted;
        }
        const right = chiSquare(counts, await exactLaw(target));
        const wrong = chiSquare(counts, await exactLaw(draft));
        expect(wrong.statistic).toBeGreaterThan(limitOf(wrong.freedom));
        expect(right.freedom).toBeGreaterThan(8);
        expect(right.statistic).toBeLessThan(limitOf(right.freedom));
        expect(accepted).toBeGreaterThan(100);
        for (const session of Object.values(sessions)) session.dispose();
        for (const used of [target, draft]) used.dispose();
      },
    );
  });
}
