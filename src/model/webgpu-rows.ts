import { invariant } from "../errors.js";
import { floatBits } from "../gpu/queue.js";
import { LawJudge, LawStore } from "../ops/laws.js";
import { Linear } from "../ops/linear.js";
import { makeOp, type Op } from "../ops/op.js";
import { chunksOf, SELECT_WORDS, SELECTED_WORDS, Select, type Selection } from "../ops/select.js";
import { type SelectStep, selectStep } from "../ops/select-step.js";
import { PURPOSE } from "../sampling/noise.js";
import { GpuPending, type ResultLayout } from "./pending.js";
import {
  GREEDY,
  type LawRule,
  type Laws,
  type Pending,
  type Rows,
  type Sampler,
  type Selected,
  type Unmasked,
  type UnmaskPolicy,
  type Verdict,
} from "./session.js";
import { type VerdictContext, verdictLayout, verdictWords } from "./verdict.js";
import type { WebGpuSession } from "./webgpu-session.js";

const NONE = 0xffffffff;
/** Rows that one selection takes at most. */
const MAX_SELECT_ROWS = 64;
const ORDERS = { confidence: 0, random: 1, left_to_right: 2 } as const;

/** The end of a forward for the rows that need logits: final norm, LM head, and the kernels that read the logits. */
export class LogitRows {
  readonly verify: Op;
  readonly unmask: Op;
  readonly bias: GPUBuffer;
  private head: {
    capacity: number;
    linear: Linear;
    select: Select;
    logits: GPUBuffer;
    judges: Map<LawStore, Partial<Record<LawRule, LawJudge>>>;
  };
  private sampler: Sampler | null = null;
  private isBiasZero = true;

  constructor(private readonly session: WebGpuSession) {
    const { gpu, capabilities } = session.model;
    this.bias = session.arena.storage("logit bias", capabilities.vocabSize * 4);
    this.head = this.makeHead(Math.min(MAX_SELECT_ROWS, session.model.maxRows));
    const bindings = [session.rowRecords, gpu.queue.inputs.buffer, gpu.results.buffer];
    this.verify = makeOp(gpu, "verify", { WORKGROUP_SIZE: 1 }, bindings);
    this.unmask = makeOp(gpu, "unmask", { WORKGROUP_SIZE: 1 }, bindings);
  }

  get logits(): GPUBuffer {
    return this.head.logits;
  }

  get select(): Select {
    return this.head.select;
  }

  /** The kernels of a rule, bound to these laws. */
  judgeOf(rule: LawRule, laws: LawStore): LawJudge {
    const { judges, logits } = this.head;
    const made = judges.get(laws) ?? {};
    judges.set(laws, made);
    made[rule] ??= new LawJudge(this.session.model.gpu, rule, laws, { logits, rows: this.session.rowRecords });
    return made[rule];
  }

  /** Records the LM head, final norm included, of `numRows` gathered rows. */
  record(step: number, numRows: number): void {
    if (numRows > this.head.capacity) {
      this.session.model.gpu.queue.flush();
      this.head = this.makeHead(this.session.model.maxRows);
    }
    this.head.linear.record(step, numRows);
  }

  /** Puts the sampler's bias and suppressed ids in place; a copy only when they changed. */
  useSampler(sampler: Sampler): void {
    if (this.sampler === sampler) return;
    this.sampler = sampler;
    const isZero = sampler.logitBias.size === 0 && sampler.suppress.length === 0;
    if (isZero && this.isBiasZero) return;
    const { gpu, capabilities } = this.session.model;
    const bias = new Float32Array(capabilities.vocabSize);
    for (const [token, value] of sampler.logitBias) bias[token] = value;
    for (const token of sampler.suppress) if (token < bias.length) bias[token] = -1e30;
    // What was recorded so far must still see the old values.
    gpu.queue.flush();
    gpu.device.queue.writeBuffer(this.bias, 0, bias);
    this.isBiasZero = isZero;
  }

  private makeHead(capacity: number): LogitRows["head"] {
    const { arena, model, rowRecords, slots } = this.session;
    const { gpu, capabilities, activations } = model;
    const logits = arena.storage("logits", capacity * capabilities.vocabSize * 4);
    const linear = new Linear(gpu, arena, model.variants.matmul, {
      x: activations.scaled,
      norm: model.norm,
      isGathered: true,
      rounded: activations.rounded,
      w: model.outputMatrix,
      y: logits,
      yStride: capabilities.vocabSize,
    });
    const shape = { vocab: capabilities.vocabSize, maxRows: Math.min(capacity, MAX_SELECT_ROWS) };
    const select = new Select(gpu, arena, shape, { logits, rows: rowRecords, slots, bias: this.bias });
    return { capacity, linear, select, logits, judges: new Map() };
  }
}

/** Facts of the forward that made these rows. */
export interface RowsOrigin {
  /** Word in the inputs ring where the list of logit rows starts. */
  rowsList: number;
  /** Whether the inputs ring still holds the forward's inputs. */
  hasInputs(): boolean;
  rows: readonly number[];
  /** Tree parents by forward row; null for anything but a tree. */
  parents: readonly number[] | null;
  keep: number;
  maxKeys: number;
}

/** Logit rows of one forward on the GPU. */
export class WebGpuRows implements Rows {
  private readonly generation: number;
  private readonly revision: number;

  constructor(
    private readonly session: WebGpuSession,
    private readonly origin: RowsOrigin,
  ) {
    this.generation = session.generation;
    this.revision = session.revision;
  }

  get count(): number {
    return this.origin.rows.length;
  }

  sample(sampler: Sampler, draw = 0): Pending<Selected[]> {
    return this.select(sampler, draw, 0, selectedLayout(this.count));
  }

  argmax(): Pending<Selected[]> {
    return this.sample(GREEDY);
  }

  topK(k: number): Pending<Selected[][]> {
    const n = this.count;
    const { select } = this.session.logitRows;
    const layout: ResultLayout<Selected[][]> = {
      start: n * SELECT_WORDS,
      numWords: n * k * 2,
      decode: (words, floats) =>
        Array.from({ length: n }, (_, row) =>
          Array.from({ length: k }, (_, j) => {
            const at = (row * k + j) * 2;
            return { token: words[at], logprob: floats[at + 1] };
          }),
        ),
      tokenWord: (pick) => n * SELECT_WORDS + Number(pick) * k * 2,
    };
    return this.enqueue(GREEDY, 0, n * (SELECT_WORDS + k * 2), layout, (selection) => select.recordTopK(selection, k));
  }

  unmask(sampler: Sampler, policy: UnmaskPolicy): Pending<Unmasked> {
    const n = this.count;
    const layout: ResultLayout<Unmasked> = {
      start: n * SELECT_WORDS,
      numWords: n * 3,
      decode: (words, floats) => ({
        rows: Array.from({ length: n }, (_, i) => ({
          token: words[i * 3],
          logprob: floats[i * 3 + 1],
          commit: words[i * 3 + 2] === 1,
        })),
      }),
      tokenWord: (pick) => n * SELECT_WORDS + Number(pick) * 3,
    };
    return this.select(sampler, 0, n * 3, layout, (selection) => {
      const { threshold } = policy;
      const quota = threshold === undefined ? (policy.quota ?? 1) : 0;
      invariant(quota > 0 || threshold !== undefined, `a quota of ${quota} commits nothing`);
      const logThreshold = threshold !== undefined && threshold > 0 ? Math.log(threshold) : -1e30;
      const step = this.smallStep(selection, {
        quota,
        logThreshold: floatBits(logThreshold),
        order: ORDERS[policy.order],
        draw: policy.draw,
      });
      this.session.logitRows.unmask.record(step, 1);
    });
  }

  verify(sampler: Sampler): Pending<Verdict> {
    const { rows, parents } = this.origin;
    const n = this.count;
    const { queue } = this.session.model.gpu;
    const parentWords = queue.inputs.reserve(n);
    for (let i = 0; i < n; i++) {
      const parent = i === 0 ? NONE : parents ? rows.indexOf(parents[rows[i]]) : i - 1;
      invariant(i === 0 || parent >= 0, `the parent of logit row ${i} has no logits`);
      queue.inputs.setWord(parentWords + i, parent);
    }
    const layout = verdictLayout(this.verdictContext());
    return this.select(sampler, 0, verdictWords(n), layout, (selection) => {
      this.session.logitRows.verify.record(this.smallStep(selection, { parents: parentWords }), 1);
    });
  }

  draft(sampler: Sampler, laws: Laws, depth: number): Pending<Selected[]> {
    const store = storeOf(laws, this.session.model.capabilities.vocabSize);
    invariant(this.count === 1 && depth < store.numDrafts, `draft ${depth} of ${store.numDrafts} from one row`);
    // A law of one token needs no judge: verification of equal tokens is the same rule.
    if (sampler.temperature === 0) return this.sample(sampler);
    const words = SELECT_WORDS;
    return this.enqueue(sampler, 0, words, selectedLayout(1), (selection) => {
      const drafted = { ...selection, purpose: PURPOSE.draft, depth };
      this.session.logitRows.select.record(drafted, { table: store.draft, at: depth });
    });
  }

  judge(sampler: Sampler, laws: Laws, rule: LawRule): Pending<Verdict> {
    const store = storeOf(laws, this.session.model.capabilities.vocabSize);
    const n = this.count;
    invariant(!this.origin.parents, "laws are kept of chains only");
    invariant(n <= store.numDrafts + 1, `${n - 1} drafts of at most ${store.numDrafts}`);
    if (sampler.temperature === 0 || n === 1) return this.verify(sampler);
    const { logitRows } = this.session;
    const { chunk, numChunks } = chunksOf(store.vocab);
    const layout = verdictLayout(this.verdictContext());
    return this.enqueue(sampler, 0, n * SELECT_WORDS + verdictWords(n), layout, (selection) => {
      logitRows.select.record(selection, { table: store.target, at: 0 });
      logitRows.judgeOf(rule, store).record(this.smallStep(selection, { vocab: store.vocab, chunk, numChunks }), n);
    });
  }

  async logits(): Promise<Float32Array> {
    this.checkAlive();
    const { gpu, capabilities } = this.session.model;
    const byteLength = this.count * capabilities.vocabSize * 4;
    this.session.counts.readbackBytes += byteLength;
    return new Float32Array(await gpu.queue.read(this.session.logitRows.logits, 0, byteLength));
  }

  private select<T>(
    sampler: Sampler,
    draw: number,
    extraWords: number,
    layout: ResultLayout<T>,
    then?: (selection: Selection) => void,
  ): GpuPending<T> {
    const words = this.count * SELECT_WORDS + extraWords;
    return this.enqueue(sampler, draw, words, layout, (selection) => {
      this.session.logitRows.select.record(selection);
      then?.(selection);
    });
  }

  private enqueue<T>(
    sampler: Sampler,
    draw: number,
    numWords: number,
    layout: ResultLayout<T>,
    record: (selection: Selection) => void,
  ): GpuPending<T> {
    this.checkAlive();
    invariant(this.count > 0 && this.count <= MAX_SELECT_ROWS, `selection takes 1..${MAX_SELECT_ROWS} rows`);
    const { model, logitRows, counts } = this.session;
    const before = model.gpu.queue.dispatchCount;
    logitRows.useSampler(sampler);
    const region = model.gpu.results.reserve(numWords);
    record({
      numRows: this.count,
      rowsList: this.origin.rowsList,
      result: region.offset,
      fillsNext: !model.capabilities.inPlace,
      draw,
      purpose: PURPOSE.token,
      depth: 0,
      seed: sampler.seed,
      temperature: sampler.temperature,
      penalty: sampler.repetitionPenalty,
      topK: sampler.topK,
      topP: sampler.topP,
      minP: sampler.minP,
      maskToken: model.capabilities.maskToken ?? -1,
      maxKeys: this.origin.maxKeys,
    });
    counts.dispatches += model.gpu.queue.dispatchCount - before;
    return new GpuPending(model.gpu, region, layout, (byteLength) => {
      counts.readbackBytes += byteLength;
    });
  }

  private verdictContext(): VerdictContext {
    const { rows, keep, rowsList } = this.origin;
    const { session, revision } = this;
    return { numRows: this.count, keepMatches: rows[0] === keep - 1, rowsList, session, revision };
  }

  /** A step block for the kernels behind a selection. */
  private smallStep(s: Selection, fields: SelectStep): number {
    const { numRows, rowsList, result, seed } = s;
    const fillsNext = s.fillsNext ? 1 : 0;
    return selectStep(this.session.model.gpu.queue, { numRows, rowsList, result, fillsNext, seed, ...fields });
  }

  private checkAlive(): void {
    invariant(this.generation === this.session.generation, "these rows died at the session's next forward");
    invariant(
      this.origin.hasInputs(),
      "these rows were kept until other sessions' forwards had overwritten their inputs",
    );
  }
}

function storeOf(laws: Laws, vocab: number): LawStore {
  invariant(laws instanceof LawStore && laws.vocab === vocab, "these laws are of another device or vocabulary");
  return laws;
}

function selectedLayout(numRows: number): ResultLayout<Selected[]> {
  return {
    start: 0,
    numWords: numRows * SELECTED_WORDS,
    decode: (words, floats) =>
      Array.from({ length: numRows }, (_, i) => ({
        token: words[i * SELECTED_WORDS],
        logprob: floats[i * SELECTED_WORDS + 1],
      })),
    tokenWord: (pick) => Number(pick) * SELECTED_WORDS,
  };
}
