import { invariant } from "../errors.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import { floatBits } from "../gpu/queue.js";
import { makeOp, type Op } from "./op.js";
import { type SelectStep, selectStep } from "./select-step.js";

const NONE = 0xffffffff;
const MIN_CHUNK = 64;
const MAX_CHUNKS = 256;
/** Largest k of `topK`. */
export const MAX_TOP_K = 64;
/** Words of one select record: token, log-probability, entropy, log-sum-exp. */
export const SELECT_WORDS = 4;

/** One selection: which rows, how, and where its result goes. Mirrors `Step` in `select_step.wgsl`. */
export interface Selection {
  numRows: number;
  /** Word in the inputs ring where the list of forward rows starts. */
  rowsList: number;
  /** Word in the results ring. */
  result: number;
  fillsNext: boolean;
  draw: number;
  seed: number;
  temperature: number;
  penalty: number;
  topK: number;
  topP: number;
  minP: number;
  /** Left out of a row's history; -1 for none. */
  maskToken: number;
  /** Most keys that a row can see. */
  maxKeys: number;
}

/** The sampler chain on the GPU: penalties, bias, suppression, temperature, top-k, top-p, min-p, noise; no sort. */
export class Select {
  private readonly chunk: number;
  private readonly numChunks: number;
  private readonly arena: Arena;
  private readonly greedy: Op;
  private readonly noisy: Op;
  private readonly merge: Op;
  private readonly records: GPUBuffer;
  private chain: FilterChain | null = null;
  private readonly topKOps = new Map<number, { chunks: Op; merge: Op }>();

  /** `logits` is `[maxRows, V]`, `bias` is `[V]` with values under -1e29 for suppressed ids. */
  constructor(
    private readonly gpu: Gpu,
    arena: Arena,
    private readonly shape: { vocab: number; maxRows: number },
    private readonly buffers: { logits: GPUBuffer; rows: GPUBuffer; slots: GPUBuffer; bias: GPUBuffer },
  ) {
    this.arena = arena;
    this.chunk = Math.max(MIN_CHUNK, Math.ceil(shape.vocab / MAX_CHUNKS));
    this.numChunks = Math.ceil(shape.vocab / this.chunk);
    this.records = arena.storage("select records", shape.maxRows * this.numChunks * 32);
    const inputs = gpu.queue.inputs.buffer;
    const { logits, bias, rows } = buffers;
    [this.greedy, this.noisy] = [false, true].map((NOISE) =>
      makeOp(gpu, "select_chunks", { FILTERED: false, NOISE }, [logits, bias, rows, inputs, this.records]),
    );
    this.merge = makeOp(gpu, "select_merge", {}, [this.records, gpu.results.buffer]);
  }

  /** Records the selection; `SELECT_WORDS` words a row at `selection.result`. */
  record(selection: Selection): void {
    const { numRows } = selection;
    const isFiltered = selection.penalty !== 1 || selection.topK > 0 || selection.topP < 1 || selection.minP > 0;
    const step = this.step(selection);
    if (!isFiltered) (selection.temperature === 0 ? this.greedy : this.noisy).record(step, numRows * this.numChunks);
    else {
      this.chain ??= new FilterChain(this.gpu, this.arena, this.shape, this.numChunks, this.buffers, this.records);
      this.chain.record(selection, step, (extra) => this.step(selection, extra));
    }
    this.merge.record(step, numRows);
  }

  /** Records the k largest logits of each row: (token, log-probability) pairs behind the select records. */
  recordTopK(selection: Selection, k: number): void {
    invariant(k > 0 && k <= MAX_TOP_K && k <= this.shape.vocab, `top-k takes 1..${MAX_TOP_K}, got ${k}`);
    let ops = this.topKOps.get(k);
    if (!ops) {
      const lists = this.arena.storage("top-k lists", this.shape.maxRows * this.numChunks * k * 8);
      const heads = this.arena.storage("top-k heads", this.shape.maxRows * this.numChunks * 4);
      ops = {
        chunks: makeOp(this.gpu, "topk_chunks", {}, [this.buffers.logits, lists]),
        merge: makeOp(this.gpu, "topk_merge", {}, [lists, heads, this.gpu.results.buffer]),
      };
      this.topKOps.set(k, ops);
    }
    this.record(selection);
    const step = this.step(selection, { k });
    ops.chunks.record(step, selection.numRows * this.numChunks);
    ops.merge.record(step, selection.numRows);
  }

  private step(s: Selection, extra: SelectStep = {}): number {
    return selectStep(this.gpu.queue, {
      numRows: s.numRows,
      rowsList: s.rowsList,
      result: s.result,
      chunk: this.chunk,
      numChunks: this.numChunks,
      vocab: this.shape.vocab,
      fillsNext: s.fillsNext ? 1 : 0,
      draw: s.draw,
      seed: s.seed,
      inverseTemperature: floatBits(s.temperature === 0 ? 1 : 1 / s.temperature),
      penalty: floatBits(s.penalty),
      topK: s.topK,
      topP: floatBits(s.topP),
      logMinP: floatBits(s.minP > 0 ? Math.log(s.minP) : -1e30),
      maskToken: s.maskToken < 0 ? NONE : s.maskToken,
      k: s.maxKeys,
      ...extra,
    });
  }
}

/** The kernels that only penalties and truncation need; made on first use. */
class FilterChain {
  private readonly clear: Op;
  private readonly mark: Op;
  private readonly process: Op;
  private readonly begin: Op;
  private readonly count: Op;
  private readonly narrow: Op;
  private readonly greedy: Op;
  private readonly noisy: Op;

  constructor(
    gpu: Gpu,
    arena: Arena,
    private readonly shape: { vocab: number; maxRows: number },
    private readonly numChunks: number,
    buffers: { logits: GPUBuffer; rows: GPUBuffer; slots: GPUBuffer; bias: GPUBuffer },
    records: GPUBuffer,
  ) {
    const { vocab, maxRows } = shape;
    const { logits, bias, rows, slots } = buffers;
    const inputs = gpu.queue.inputs.buffer;
    const seen = arena.storage("history", maxRows * Math.ceil(vocab / 32) * 4);
    const y = arena.storage("processed logits", maxRows * vocab * 4);
    const tops = arena.storage("chunk tops", maxRows * numChunks * 4);
    const state = arena.storage("filter state", maxRows * 16);
    const cuts = arena.storage("filter cuts", maxRows * 4);
    const bins = arena.storage("filter bins", maxRows * numChunks * 64);
    this.clear = makeOp(gpu, "history_clear", {}, [seen]);
    this.mark = makeOp(gpu, "history_mark", {}, [inputs, rows, slots, seen]);
    this.process = makeOp(gpu, "process_logits", {}, [logits, bias, seen, y, tops]);
    this.begin = makeOp(gpu, "filter_begin", {}, [tops, state, cuts]);
    this.count = makeOp(gpu, "filter_count", {}, [y, state, cuts, bins]);
    this.narrow = makeOp(gpu, "filter_step", {}, [bins, state, cuts]);
    [this.greedy, this.noisy] = [false, true].map((NOISE) =>
      makeOp(gpu, "select_chunks", { FILTERED: true, NOISE }, [logits, bias, rows, inputs, records, y, state]),
    );
  }

  record(selection: Selection, step: number, stepWith: (extra: SelectStep) => number): void {
    const { numRows, penalty, topK, topP, maxKeys } = selection;
    const perChunk = numRows * this.numChunks;
    if (penalty !== 1) {
      this.clear.record(step, numRows * Math.ceil(this.shape.vocab / 32));
      this.mark.record(step, numRows * maxKeys);
    }
    this.process.record(step, perChunk);
    this.begin.record(step, numRows);
    if (topK > 0 && topK < this.shape.vocab) this.descend(numRows, perChunk, stepWith, 0);
    if (topP < 1) this.descend(numRows, perChunk, stepWith, 1);
    (selection.temperature === 0 ? this.greedy : this.noisy).record(step, perChunk);
  }

  /** Eight passes of four bits: the exact threshold, without a sort. */
  private descend(numRows: number, perChunk: number, stepWith: (extra: SelectStep) => number, isMass: number): void {
    for (let shift = 28; shift >= 0; shift -= 4) {
      const step = stepWith({ shift, isMass });
      this.count.record(step, perChunk);
      this.narrow.record(step, numRows);
    }
  }
}
