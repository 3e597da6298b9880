// law_chunks, law_rows, law_left, kseq_narrow, recursive_try, accept_block, accept_chains, accept_typical, law_residual and law_verdict
// against the float64 rules of sampling/verify, with what they include: law_tests, law_outcome, law_judged, law_reach, law_chains and law_tries.
import { describe, expect, it } from "vitest";
import { LawRounds, type Setup, START } from "../../../testing/law-rounds.js";
import { GREEDY, type Sampler } from "../../../seam/sampler.js";
import { PURPOSE } from "../../../sampling/noise.js";
import { noiseChance } from "../../../sampling/verify/chance.js";
import { kseqPosition } from "../../../sampling/verify/kseq.js";
import type { LawRule } from "../../../seam/questions/draft.js";
import { fileBed } from "../../../testing/file-device.js";

const bed = await fileBed();

const PLAIN: Sampler = { ...GREEDY, temperature: 1 };
const SEEDS = Array.from({ length: 24 }, (_, i) => 100 + i);

describe("laws that are kept", () => {
  it.each([
    ["as they are", 33, {}],
    ["at a temperature, cut by top-k", 4096, { temperature: 0.7, topK: 40 }],
    ["cut by top-p and min-p", 4099, { topP: 0.9, minP: 0.02 }],
  ] as const)("are what tokens are drawn from: %s", async (_title, vocab, change) => {
    const rounds = new LawRounds(bed, { vocab, length: 3, sampler: { ...PLAIN, ...change } });
    await rounds.judge("rejection", [1]);
    for (const which of ["draft", "target"] as const) {
      const kept = await rounds.kept(which);
      rounds[which].forEach((law, row) => {
        law.forEach((probability, token) => {
          if (probability === 0) expect(kept[row][token]).toBe(0);
          else expect(Math.abs(kept[row][token] / probability - 1)).toBeLessThan(1e-4);
        });
      });
    }
  });
});

/** Vocabulary, length and number of chains, and the sampler's settings. */
type Shape = readonly [
  vocab: number,
  length: number,
  numChains: number,
  change: Partial<Sampler> & { isDistinct?: boolean },
];

const CHAIN: readonly Shape[] = [
  [5, 4, 1, {}],
  [33, 1, 1, {}],
  [33, 5, 1, { temperature: 1.4 }],
  [4096, 4, 1, { temperature: 0.8, topP: 0.95 }],
  [4099, 3, 1, { topK: 50, minP: 0.01 }],
];
const CHAINS: readonly Shape[] = [
  [5, 3, 2, {}],
  [33, 2, 8, { temperature: 1.4 }],
  [33, 4, 1, {}],
  [4099, 2, 4, { temperature: 0.8, topP: 0.95 }],
];
/** Chains whose first drafts differ; of the first more than the law has tokens. */
const DISTINCT: readonly Shape[] = [
  [5, 2, 7, { isDistinct: true }],
  [33, 3, 8, { topK: 6, isDistinct: true }],
  [33, 2, 8, { temperature: 1.4, isDistinct: true }],
  [4099, 2, 4, { temperature: 0.8, topP: 0.95, isDistinct: true }],
];
const SHAPES: readonly (readonly [LawRule | "typical", ...Shape])[] = [
  ...(["rejection", "block"] as const).flatMap((rule) => CHAIN.map((shape) => [rule, ...shape] as const)),
  ...(["kseq", "recursive"] as const).flatMap((rule) => CHAINS.map((shape) => [rule, ...shape] as const)),
  ...DISTINCT.map((shape) => ["recursive", ...shape] as const),
  ["typical", 5, 4, 1, { temperature: 1.5 }],
  ["typical", 33, 3, 4, {}],
  ["typical", 4099, 2, 4, { topP: 0.95 }],
];

describe("first drafts without replacement", () => {
  it.each<[vocab: number, numChains: number, change: Partial<Sampler>]>([
    [5, 3, {}],
    [5, 7, {}],
    [33, 8, { topK: 3 }],
    [4099, 6, { temperature: 0.8, topP: 0.95 }],
  ])("are the race's first of a law, vocabulary %i, %i chains, %o", async (vocab, numChains, change) => {
    const sampler = { ...PLAIN, ...change };
    const rounds = new LawRounds(bed, { vocab, length: 1, numChains, sampler, isDistinct: true });
    const support = rounds.draft[0].filter((weight) => weight > 0).length;
    for (const seed of SEEDS) {
      const { drawn, logprobs } = await rounds.drawnDistinct(seed);
      expect(drawn).toEqual(rounds.drafts(seed));
      expect(new Set(drawn).size).toBe(Math.min(numChains, support));
      for (const logprob of logprobs) expect(logprob).toBeLessThan(0);
    }
  });
});

it.each(SHAPES)(
  "%s decides as the rule in float64, vocabulary %i, drafts %i deep in %i chains, %o",
  async (rule, vocab, length, numChains, { isDistinct = false, ...change }) => {
    const sampler = { ...PLAIN, ...change };
    const rounds = new LawRounds(bed, { vocab, length, numChains, sampler, isDistinct });
    // What the tries before leave of the draft's law decides seldom.
    const seeds = Array.from({ length: isDistinct ? 100 : 24 }, (_, i) => 100 + i);
    const verdicts = await rounds.judge(rule, seeds);
    const lengths = new Set<number>();
    let differences = 0;
    verdicts.forEach(({ drafts, shown, accepted, token, previous, tokens, logprobs, path }, i) => {
      const expected = rounds.expected(rule, seeds[i], drafts);
      if (accepted !== expected.accepted || token !== expected.token || path.join() !== expected.path.join())
        differences++;
      lengths.add(accepted);
      expect(shown).toEqual(drafts);
      const kept = path.slice(1).map((row) => drafts[row - 1]);
      expect(tokens).toEqual([...kept, token]);
      expect(previous).toBe(kept.at(-1) ?? 4);
      for (const logprob of logprobs) expect(logprob).toBeLessThan(0);
    });
    // A draw whose margin is below what float32 resolves; none of these seeds has one.
    expect(differences).toBe(0);
    expect(lengths.size).toBeGreaterThan(1);
  },
);

it("recursive ends where float32 can't tell what is left of a law that is nearly sure", async () => {
  const draftSampler = { ...PLAIN, temperature: 0.005 };
  const rounds = new LawRounds(bed, {
    vocab: 33,
    length: 2,
    numChains: 4,
    sampler: PLAIN,
    draftSampler,
    isDistinct: true,
  });
  expect(Math.max(...rounds.draft[0])).toBeGreaterThan(1 - 2 ** -10);
  const seeds = Array.from({ length: 100 }, (_, i) => i);
  (await rounds.judge("recursive", seeds)).forEach(({ drafts, accepted, token, path }, i) => {
    expect({ accepted, token, path }).toEqual(rounds.expected("recursive", seeds[i], drafts));
  });
});

const RULES: readonly (readonly [LawRule, numChains: number, isDistinct: boolean])[] = [
  ["rejection", 1, false],
  ["block", 1, false],
  ["kseq", 3, false],
  ["recursive", 3, false],
  ["recursive", 3, true],
];

describe.each(RULES)("%s of %i chains (distinct: %s)", (rule, numChains, isDistinct) => {
  it("writes the target's law, which laws kept at another temperature don't give", async () => {
    const draftSampler = { ...PLAIN, temperature: 2 };
    const setup = { vocab: 5, length: 2, numChains, sampler: PLAIN, draftSampler, isDistinct };
    const right = await misfit(setup, rule);
    expect(right).toBeLessThan(LIMIT);
    // The draft's law as it was before its temperature.
    expect(await misfit({ ...setup, keptSampler: PLAIN }, rule)).toBeGreaterThan(LIMIT);
  });

  it("accepts everything where both laws are one", async () => {
    const rounds = new LawRounds(bed, { vocab: 33, length: 4, numChains, sampler: PLAIN, distance: 0, isDistinct });
    for (const { accepted } of await rounds.judge(rule, SEEDS)) expect(accepted).toBe(4);
  });
});

/** Of 1,500 rounds: the share whose first draft was accepted, and accepted drafts in all. */
async function acceptance(rounds: LawRounds, rule: LawRule) {
  const numRounds = 1500;
  const counts = { first: 0, accepted: 0 };
  for (let at = 0; at < numRounds; at += 100) {
    const seeds = Array.from({ length: 100 }, (_, i) => at + i);
    for (const { accepted } of await rounds.judge(rule, seeds)) {
      counts.first += accepted > 0 ? 1 / numRounds : 0;
      counts.accepted += accepted;
    }
  }
  return { ...counts, deviationOf: (share: number) => Math.sqrt((share * (1 - share)) / numRounds) };
}

it("rejection accepts as often as the laws overlap, and block accepts no less", async () => {
  const rounds = new LawRounds(bed, { vocab: 33, length: 4, sampler: PLAIN });
  const [rejection, block] = [await acceptance(rounds, "rejection"), await acceptance(rounds, "block")];
  const overlap = rounds.draft[0].reduce((sum, q, token) => sum + Math.min(q, rounds.target[0][token]), 0);
  expect(Math.abs(rejection.first - overlap)).toBeLessThan(4 * rejection.deviationOf(overlap));
  expect(block.accepted).toBeGreaterThanOrEqual(rejection.accepted);
});

it("k-SEQ accepts as often as its scale says", async () => {
  const rounds = new LawRounds(bed, { vocab: 33, length: 1, numChains: 4, sampler: PLAIN });
  const { first, deviationOf } = await acceptance(rounds, "kseq");
  const { acceptance: due } = kseqPosition(rounds.target[0], rounds.draft[0], 4);
  expect(Math.abs(first - due)).toBeLessThan(4 * deviationOf(due));
});

/** The 0.9999 quantile of chi-square with 24 degrees of freedom. */
const LIMIT = 58.6;

/** Pearson's statistic of the first two tokens of 2,000 texts against the target's law. */
async function misfit(setup: Setup, rule: LawRule): Promise<number> {
  const rounds = new LawRounds(bed, setup);
  const counts = new Array<number>(25).fill(0);
  const numTexts = 2000;
  for (let first = 0; first < numTexts; first += 100) {
    const seeds = Array.from({ length: 100 }, (_, i) => first + i);
    (await rounds.judge(rule, seeds)).forEach(({ tokens }, i) => {
      const chance = noiseChance({ seed: seeds[i], position: START });
      const second = tokens[1] ?? chance.draw(rounds.target[1], PURPOSE.resample, 1, 0);
      counts[tokens[0] * 5 + second]++;
    });
  }
  return counts.reduce((sum, count, cell) => {
    const expected = numTexts * rounds.target[0][Math.floor(cell / 5)] * rounds.target[1][cell % 5];
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}
