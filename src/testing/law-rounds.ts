import { floatBits } from "../backend/webgpu/gpu/queue.js";
import { LawJudge, LawStore } from "../backend/webgpu/ops/laws.js";
import type { LawRule } from "../seam/questions/draft.js";
import { Select } from "../backend/webgpu/ops/select.js";
import { SELECT_WORDS, type Selection } from "../backend/webgpu/ops/selection.js";
import { numbers, type TestBed } from "./test-bed.js";
import { PURPOSE } from "../sampling/noise.js";
import { probabilities } from "../sampling/processors.js";
import { noiseChance } from "../sampling/verify/chance.js";
import { drawDistinct } from "../sampling/verify/recursive.js";
import { decide } from "../backend/host/judging.js";
import type { Sampler } from "../seam/sampler.js";
import { decodeVerdict, verdictWords } from "../backend/webgpu/session/verdict.js";

const NONE = 0xffffffff;

/** The position that a round's first draft fills. */
export const START = 20;

/** Rounds of one `judge`. */
const MOST_AT_ONCE = 100;

/** Limits of typical acceptance in the rounds of these tests. */
const TYPICAL = { threshold: 0.3, alpha: 0.6 };

/** What rounds of fixed laws vary. */
export interface Setup {
  vocab: number;
  /** Drafts of a chain, and chains. */
  length: number;
  numChains?: number;
  sampler: Sampler;
  /** How the draft's law is drawn from and kept; default: as the target's. */
  draftSampler?: Sampler;
  keptSampler?: Sampler;
  /** First drafts differ between the chains. */
  isDistinct?: boolean;
  /** How far the draft's logits are from the target's. */
  distance?: number;
}

/**
 * The test bed of the law kernels: rounds of fixed laws, one for each depth whatever stands before it, each round with its own
 * seed and drafts.
 */
export class LawRounds {
  /** By depth. */
  readonly target: Float64Array[];
  readonly draft: Float64Array[];
  readonly numChains: number;
  readonly numDrafts: number;
  private readonly store: LawStore;
  private readonly targetSelect: Select;
  private readonly keptSelect: Select;
  private readonly keptSampler: Sampler;
  private readonly targetLogits: GPUBuffer;

  constructor(
    private readonly bed: TestBed,
    private readonly setup: Setup,
  ) {
    const { vocab, length, numChains = 1, sampler, draftSampler = sampler, keptSampler = draftSampler } = setup;
    const { distance = 1.5, isDistinct = false } = setup;
    this.numChains = numChains;
    this.numDrafts = length * numChains;
    const logits = numbers(vocab, vocab * (length + 1)).map((value) => value * 3);
    const other = numbers(vocab + 1, vocab * length);
    const draftLogits = other.map((value, i) => logits[i] + value * distance);
    const rowOf = (values: Float32Array, depth: number) => values.subarray(depth * vocab, (depth + 1) * vocab);
    const lawsOf = (values: Float32Array, numRows: number, how: Sampler) =>
      Array.from({ length: numRows }, (_, depth) => probabilities(rowOf(values, depth), how, []));
    this.target = lawsOf(logits, length + 1, sampler);
    this.draft = lawsOf(draftLogits, length, draftSampler);
    this.store = new LawStore(bed.gpu.arena, vocab, this.numDrafts, numChains, isDistinct);
    const buffers = {
      // Positions alone count here: those of as many rounds as are judged at once.
      rows: bed.words("rows", this.records(new Array<number[]>(MOST_AT_ONCE).fill(new Array(this.numDrafts).fill(0)))),
      slots: bed.empty("slots", 4),
      bias: bed.empty("bias", vocab),
    };
    const select = (values: Float32Array, depths: readonly number[]) => {
      const spread = new Float32Array(depths.length * vocab);
      for (const [row, depth] of depths.entries()) spread.set(rowOf(values, depth), row * vocab);
      const buffer = bed.floats("logits", spread);
      const shape = { vocab, maxRows: depths.length };
      return { buffer, select: new Select(bed.gpu, bed.gpu.arena, shape, { ...buffers, logits: buffer }) };
    };
    const draftDepths = Array.from({ length: this.numDrafts }, (_, i) => Math.floor(i / numChains));
    const kept = select(draftLogits, draftDepths).select;
    this.keptSelect = kept;
    this.keptSampler = keptSampler;
    const rowsList = bed.inputs(draftDepths.map((_, row) => row));
    kept.record(this.selection(keptSampler, this.numDrafts, rowsList, 0), { laws: { table: this.store.draft, at: 0 } });
    const { buffer, select: targetSelect } = select(logits, [0, ...draftDepths.map((depth) => depth + 1)]);
    this.targetSelect = targetSelect;
    this.targetLogits = buffer;
  }

  /** Weights that were kept, normalised on the CPU: of each draft, or of each row of the target once it was judged. */
  async kept(which: "draft" | "target"): Promise<Float64Array[]> {
    const { vocab } = this.setup;
    const numRows = which === "draft" ? this.numDrafts : this.numDrafts + 1;
    const weights = await this.bed.readFloats(this.store[which].weights, vocab * numRows);
    return Array.from({ length: numRows }, (_, l) => {
      const row = Float64Array.from(weights.subarray(l * vocab, (l + 1) * vocab));
      const mass = row.reduce((a, b) => a + b, 0);
      return row.map((weight) => weight / mass);
    });
  }

  /** Drafts of the round with this seed, in float64. */
  drafts(seed: number): number[] {
    const chance = noiseChance({ seed, position: START });
    return this.draft.flatMap((law, depth) => {
      if (depth === 0 && this.store.isDistinct) {
        return drawDistinct(law, this.numChains, (left) => chance.draw(left, PURPOSE.draft, 0, 0));
      }
      return Array.from({ length: this.numChains }, (_, chain) => chance.draw(law, PURPOSE.draft, depth, chain));
    });
  }

  /** What the kernels draw without replacement for the chains' first drafts of the round with this seed. */
  async drawnDistinct(seed: number): Promise<{ drawn: number[]; logprobs: number[] }> {
    const { bed, numChains } = this;
    const rowsList = bed.inputs(new Array<number>(numChains).fill(0));
    const selection = { ...this.selection(this.keptSampler, numChains, rowsList, 0), seed, purpose: PURPOSE.draft };
    this.keptSelect.record(selection, { laws: { table: this.store.draft, at: 0 } });
    this.keptSelect.recordDistinct(selection, this.store.draft);
    const words = await bed.readWords(bed.gpu.results.buffer, numChains * 2, selection.result);
    const records = Array.from({ length: numChains }, (_, i) => i * 2);
    const floats = new Float32Array(words.buffer, words.byteOffset);
    return { drawn: records.map((at) => words[at]), logprobs: records.map((at) => floats[at + 1]) };
  }

  /** What the rule makes of it in float64. */
  expected(rule: LawRule | "typical", seed: number, tokens: number[]) {
    const { numChains } = this;
    const parents = tokens.map((_, i) => Math.max(i - numChains, -1));
    const depthOf = (row: number) => Math.ceil(row / numChains);
    const rows = [0, ...tokens.map((_, i) => i + 1)];
    const round = {
      tokens,
      parents,
      target: rows.map((row) => this.target[depthOf(row)]),
      draft: rows.map((row) => this.draft[depthOf(row)]),
    };
    const laws = { numDrafts: this.numDrafts, numChains, isDistinct: this.store.isDistinct };
    const judging = rule === "typical" ? { rule, laws, ...TYPICAL } : { rule, laws };
    const { path, token } = decide(judging, round, noiseChance({ seed, position: START }));
    return { accepted: path.length, token, path: [0, ...path.map((draft) => draft + 1)] };
  }

  /** What the kernels make of it, for up to `MOST_AT_ONCE` seeds in one submit. */
  async judge(rule: LawRule | "typical", seeds: readonly number[]) {
    const { bed, numChains, numDrafts } = this;
    const n = numDrafts + 1;
    const drafts = seeds.map((seed) => this.drafts(seed));
    const rows = bed.words("rows", this.records(drafts));
    const judge = new LawJudge(bed.gpu, rule, this.store, { logits: this.targetLogits, rows });
    const limits = { threshold: floatBits(TYPICAL.threshold), alpha: floatBits(TYPICAL.alpha) };
    const parents = Array.from({ length: n }, (_, row) => (row === 0 ? NONE : Math.max(row - numChains, 0)));
    const offsets = seeds.map((seed, i) => {
      const rowsList = bed.inputs(Array.from({ length: n }, (_, l) => i * n + l));
      const selection = this.selection({ ...this.setup.sampler, seed }, n, rowsList, verdictWords(n));
      this.targetSelect.record(selection, { laws: { table: this.store.target, at: 0 } });
      const { result } = selection;
      judge.record({ rowsList, result, fillsNext: 1, seed, parents: bed.inputs(parents), ...limits }, n);
      return result;
    });
    const verdicts = await Promise.all(
      offsets.map((offset) => bed.readWords(bed.gpu.results.buffer, verdictWords(n), offset + n * SELECT_WORDS)),
    );
    return verdicts.map((words, i) => {
      const { drafts: shown, accepted, emitted, path } = decodeVerdict(words.subarray(2 + n), n);
      const tokens = emitted.map(({ token }) => token);
      const logprobs = emitted.map(({ logprob }) => logprob);
      return {
        drafts: drafts[i],
        shown,
        accepted,
        token: tokens[accepted],
        previous: words[1],
        tokens,
        logprobs,
        path,
      };
    });
  }

  /** Row records: a pending token, then drafts. */
  private records(drafts: readonly number[][]): number[] {
    const { numChains } = this;
    return drafts.flatMap((tokens) =>
      [4, ...tokens].flatMap((token, l) => [token, START - 1 + Math.ceil(l / numChains), l, l, 0, 0, NONE, l]),
    );
  }

  private selection(sampler: Sampler, numRows: number, rowsList: number, extraWords: number): Selection {
    return {
      numRows,
      rowsList,
      result: this.bed.gpu.results.reserve(numRows * SELECT_WORDS + extraWords).offset,
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
