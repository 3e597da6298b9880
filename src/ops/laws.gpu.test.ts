// law_chunks, law_ratios, law_left, law_accept, law_residual and law_verdict against the float64 rules of sampling/verify.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GREEDY, type Sampler } from "../model/session.js";
import { PURPOSE } from "../sampling/noise.js";
import { probabilities } from "../sampling/processors.js";
import { block } from "../sampling/verify/block.js";
import { noiseChance } from "../sampling/verify/chance.js";
import { rejection } from "../sampling/verify/rejection.js";
import type { Round } from "../sampling/verify/verifier.js";
import { LawJudge, type LawRule, LawStore } from "./laws.js";
import { chunksOf, SELECT_WORDS, Select, type Selection } from "./select.js";
import { selectStep } from "./select-step.js";
import { numbers, TestBed } from "./test-bed.js";

const NONE = 0xffffffff;
const RULES = { rejection, block };
/** The position that a round's first draft fills. */
const START = 20;

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterAll(() => bed.close());

interface Setup {
  vocab: number;
  numDrafts: number;
  sampler: Sampler;
  /** How the draft's law is drawn from and kept; default: as the target's. */
  draftSampler?: Sampler;
  keptSampler?: Sampler;
  /** How far the draft's logits are from the target's. */
  distance?: number;
}

/** Rounds of fixed laws, each with its own seed and its own drafts: logits of every depth, whatever stands before it. */
class Rounds {
  readonly target: Float64Array[];
  readonly draft: Float64Array[];
  private readonly store: LawStore;
  private readonly targetSelect: Select;
  private readonly targetLogits: GPUBuffer;

  constructor(private readonly setup: Setup) {
    const { vocab, numDrafts, sampler, draftSampler = sampler, keptSampler = draftSampler, distance = 1.5 } = setup;
    const logits = numbers(vocab, vocab * (numDrafts + 1)).map((value) => value * 3);
    const other = numbers(vocab + 1, vocab * numDrafts);
    const draftLogits = other.map((value, i) => logits[i] + value * distance);
    const lawsOf = (values: Float32Array, numRows: number, how: Sampler) =>
      Array.from({ length: numRows }, (_, l) => probabilities(values.subarray(l * vocab, (l + 1) * vocab), how, []));
    this.target = lawsOf(logits, numDrafts + 1, sampler);
    this.draft = lawsOf(draftLogits, numDrafts, draftSampler);
    this.store = new LawStore(bed.gpu.arena, vocab, numDrafts);
    const buffers = {
      rows: bed.words("rows", this.records([new Array<number>(numDrafts).fill(0)])),
      slots: bed.empty("slots", 4),
      bias: bed.empty("bias", vocab),
    };
    const select = (values: Float32Array, numRows: number) => {
      const buffer = bed.floats("logits", values);
      const shape = { vocab, maxRows: numRows };
      return { buffer, select: new Select(bed.gpu, bed.gpu.arena, shape, { ...buffers, logits: buffer }) };
    };
    const kept = select(draftLogits, numDrafts).select;
    const rowsList = bed.inputs(Array.from({ length: numDrafts }, (_, l) => l));
    kept.record(this.selection(keptSampler, numDrafts, rowsList, 0), { table: this.store.draft, at: 0 });
    const { buffer, select: targetSelect } = select(logits, numDrafts + 1);
    this.targetSelect = targetSelect;
    this.targetLogits = buffer;
  }

  /** Weights that were kept, normalised on the CPU: of the draft, or of the target once it was judged. */
  async kept(which: "draft" | "target"): Promise<Float64Array[]> {
    const { vocab, numDrafts } = this.setup;
    const numRows = which === "draft" ? numDrafts : numDrafts + 1;
    const weights = await bed.readFloats(this.store[which].weights, vocab * numRows);
    return Array.from({ length: numRows }, (_, l) => {
      const row = Float64Array.from(weights.subarray(l * vocab, (l + 1) * vocab));
      const mass = row.reduce((a, b) => a + b, 0);
      return row.map((weight) => weight / mass);
    });
  }

  /** Drafts of the round with this seed, in float64. */
  drafts(seed: number): number[] {
    const chance = noiseChance({ seed, position: START });
    return this.draft.map((law, depth) => chance.draw(law, PURPOSE.draft, depth, 0));
  }

  /** What the rule makes of it in float64. */
  expected(rule: LawRule, seed: number, drafts: number[]) {
    const parents = drafts.map((_, i) => i - 1);
    const round: Round = { tokens: drafts, parents, target: this.target, draft: this.draft };
    const { path, token } = RULES[rule].decide(round, noiseChance({ seed, position: START }));
    return { accepted: path.length, token };
  }

  /** What the kernels make of it, for many seeds in one submit. */
  async judge(rule: LawRule, seeds: readonly number[]) {
    const { vocab, numDrafts, sampler } = this.setup;
    const n = numDrafts + 1;
    const drafts = seeds.map((seed) => this.drafts(seed));
    const rows = bed.words("rows", this.records(drafts));
    const judge = new LawJudge(bed.gpu, rule, this.store, { logits: this.targetLogits, rows });
    const numWords = n * SELECT_WORDS + 4 + n - 1 + n * 3;
    const offsets = seeds.map((seed, i) => {
      const rowsList = bed.inputs(Array.from({ length: n }, (_, l) => i * n + l));
      const selection = this.selection({ ...sampler, seed }, n, rowsList, numWords - n * SELECT_WORDS);
      this.targetSelect.record(selection, { table: this.store.target, at: 0 });
      const { result } = selection;
      const small = { numRows: n, rowsList, result, fillsNext: 1, seed, vocab, ...chunksOf(vocab) };
      judge.record(selectStep(bed.gpu.queue, small), n);
      return result;
    });
    const verdicts = await Promise.all(
      offsets.map((offset) =>
        bed.readWords(bed.gpu.results.buffer, numWords - n * SELECT_WORDS, offset + n * SELECT_WORDS),
      ),
    );
    return verdicts.map((words, i) => {
      const emitted = 4 + numDrafts;
      const accepted = words[0];
      return {
        drafts: drafts[i],
        shown: Array.from(words.subarray(4, emitted)),
        accepted,
        token: words[1],
        previous: words[2],
        tokens: Array.from({ length: accepted + 1 }, (_, j) => words[emitted + j * 2]),
        logprobs: Array.from({ length: accepted + 1 }, (_, j) => new Float32Array(words.buffer)[emitted + j * 2 + 1]),
        path: Array.from(words.subarray(emitted + n * 2, emitted + n * 2 + accepted + 1)),
      };
    });
  }

  /** Row records: a pending token, then drafts. */
  private records(drafts: readonly number[][]): number[] {
    return drafts.flatMap((tokens) =>
      [4, ...tokens].flatMap((token, l) => [token, START - 1 + l, l, l, 0, 0, NONE, l]),
    );
  }

  private selection(sampler: Sampler, numRows: number, rowsList: number, extraWords: number): Selection {
    return {
      numRows,
      rowsList,
      result: bed.gpu.results.reserve(numRows * SELECT_WORDS + extraWords).offset,
      fillsNext: true,
      draw: 0,
      purpose: 0,
      depth: 0,
      seed: sampler.seed,
      temperature: sampler.temperature,
      penalty: 1,
      topK: sampler.topK,
      topP: sampler.topP,
      minP: sampler.minP,
      maskToken: -1,
      maxKeys: 1,
    };
  }
}

const PLAIN: Sampler = { ...GREEDY, temperature: 1 };
const SEEDS = Array.from({ length: 24 }, (_, i) => 100 + i);

describe("laws that are kept", () => {
  it.each([
    ["as they are", 33, {}],
    ["at a temperature, cut by top-k", 4096, { temperature: 0.7, topK: 40 }],
    ["cut by top-p and min-p", 4099, { topP: 0.9, minP: 0.02 }],
  ] as const)("are what tokens are drawn from: %s", async (_title, vocab, change) => {
    const rounds = new Rounds({ vocab, numDrafts: 3, sampler: { ...PLAIN, ...change } });
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

describe.each(["rejection", "block"] as const)("%s", (rule) => {
  it.each([
    [5, 4, {}],
    [33, 1, {}],
    [33, 5, { temperature: 1.4 }],
    [4096, 4, { temperature: 0.8, topP: 0.95 }],
    [4099, 3, { topK: 50, minP: 0.01 }],
  ] as const)("decides as the rule in float64, vocabulary %i, %i drafts, %o", async (vocab, numDrafts, change) => {
    const rounds = new Rounds({ vocab, numDrafts, sampler: { ...PLAIN, ...change } });
    const verdicts = await rounds.judge(rule, SEEDS);
    const lengths = new Set<number>();
    let differences = 0;
    verdicts.forEach(({ drafts, shown, accepted, token, previous, tokens, logprobs, path }, i) => {
      const expected = rounds.expected(rule, SEEDS[i], drafts);
      if (accepted !== expected.accepted || token !== expected.token) differences++;
      lengths.add(accepted);
      expect(shown).toEqual(drafts);
      expect(tokens).toEqual([...drafts.slice(0, accepted), token]);
      expect(previous).toBe(accepted > 0 ? drafts[accepted - 1] : 4);
      expect(path).toEqual(Array.from({ length: accepted + 1 }, (_, row) => row));
      for (const logprob of logprobs) expect(logprob).toBeLessThan(0);
    });
    // A draw whose margin is below what float32 resolves; none of these seeds has one.
    expect(differences).toBe(0);
    expect(lengths.size).toBeGreaterThan(1);
  });

  it("writes the target's law, which laws kept at another temperature don't give", async () => {
    const setup = { vocab: 5, numDrafts: 2, sampler: PLAIN, draftSampler: { ...PLAIN, temperature: 2 } };
    const right = await misfit(new Rounds(setup), rule);
    expect(right).toBeLessThan(LIMIT);
    // The draft's law as it was before its temperature.
    expect(await misfit(new Rounds({ ...setup, keptSampler: PLAIN }), rule)).toBeGreaterThan(LIMIT);
  });

  it("accepts everything where both laws are one", async () => {
    const rounds = new Rounds({ vocab: 33, numDrafts: 4, sampler: PLAIN, distance: 0 });
    for (const { accepted } of await rounds.judge(rule, SEEDS)) expect(accepted).toBe(4);
  });
});

it("rejection accepts as often as the laws overlap, and block accepts no less", async () => {
  const rounds = new Rounds({ vocab: 33, numDrafts: 4, sampler: PLAIN });
  const seeds = Array.from({ length: 1500 }, (_, i) => i);
  const counts = { rejection: [0, 0], block: [0, 0] };
  for (const rule of ["rejection", "block"] as const) {
    for (let at = 0; at < seeds.length; at += 100) {
      for (const { accepted } of await rounds.judge(rule, seeds.slice(at, at + 100))) {
        counts[rule][0] += accepted > 0 ? 1 : 0;
        counts[rule][1] += accepted;
      }
    }
  }
  const overlap = rounds.draft[0].reduce((sum, q, token) => sum + Math.min(q, rounds.target[0][token]), 0);
  const deviation = Math.sqrt((overlap * (1 - overlap)) / seeds.length);
  expect(Math.abs(counts.rejection[0] / seeds.length - overlap)).toBeLessThan(4 * deviation);
  expect(counts.block[1]).toBeGreaterThanOrEqual(counts.rejection[1]);
});

/** The 0.9999 quantile of chi-square with 24 degrees of freedom. */
const LIMIT = 58.6;

/** Pearson's statistic of the first two tokens of 2,000 texts against the target's law. */
async function misfit(rounds: Rounds, rule: LawRule): Promise<number> {
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
