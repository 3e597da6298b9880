// Over 300 lines: one selection, whose kernels share their buffers and step block.
import { invariant } from "../../../vocabulary/errors.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import { floatBits } from "../gpu/queue.js";
import type { WgslConstants } from "../gpu/wgsl.js";
import { chunksOf } from "./chunks.js";
import type { LawTable } from "./laws.js";
import { makeOp, type Op } from "./op.js";
import { type SelectStep, selectStep } from "./select-step.js";

const NONE = 0xffffffff;
/** Edges at which one round of the search for top-p's threshold sums the mass, in groups of four. */
const EDGE_QUADS = 4;
/** Filter state of a row: eight words, then the edges. Mirrors `FilterState` in `filter_state.wgsl`. */
const STATE_BYTES = 32 + EDGE_QUADS * 16;
const QUADS = { QUADS: EDGE_QUADS };
/** A round leaves about a sixteenth; no more than some hundreds should be left for the one invocation that ends it. */
const VOCAB_OF_ONE_ROUND = 8192;
/** Largest k of `topK`. */
const MAX_TOP_K = 64;
/** Words a row of a select record: (token, log-probability) of all rows first, then (entropy, log-sum-exp) of all. */
export const SELECT_WORDS = 4;
/** Words a row behind those of a measured selection: likeliest token, its log-probability, the second's, a divergence. */
export const MEASURED_WORDS = 4;
/** Words a row of its first part, which is what a decoder reads back. */
export const SELECTED_WORDS = 2;

/** One selection: which rows, how, and where its result goes. Mirrors `Step` in `select_step.wgsl`. */
export interface Selection {
  numRows: number;
  /** Word in the inputs ring where the list of forward rows starts. */
  rowsList: number;
  /** Word in the results ring. */
  result: number;
  fillsNext: boolean;
  draw: number;
  /** What the noise is for; but for tokens it is the round's own, whose first draft has `depth` drafts before this one. */
  purpose: number;
  depth: number;
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

/** The kernels of a selection without filters. */
interface SelectOps {
  greedy: Op;
  noisy: Op;
  merge: Op;
}

/** The kernels of a list of k for each row, and what it is of. */
interface ListOps {
  chunks: Op;
  merge: Op;
}
type ListSource = { OF: "logits" | "race" | "law"; NOISE: boolean };

/** The sampler chain on the GPU: penalties, bias, suppression, temperature, top-k, top-p, min-p, noise; no sort. */
export class Select {
  private readonly chunk: number;
  private readonly numChunks: number;
  private readonly arena: Arena;
  private readonly plain: SelectOps;
  private measured: SelectOps | null = null;
  private readonly records: GPUBuffer;
  private chain: FilterChain | null = null;
  private readonly topKOps = new Map<string, ListOps>();
  // A table is of the session that verifies, which may go before this one.
  private readonly distinctOps = new WeakMap<LawTable, ListOps>();

  /** `logits` is `[maxRows, V]`, `bias` is `[V]` with values under -1e29 for suppressed ids. */
  constructor(
    private readonly gpu: Gpu,
    arena: Arena,
    private readonly shape: { vocab: number; maxRows: number },
    private readonly buffers: { logits: GPUBuffer; rows: GPUBuffer; slots: GPUBuffer; bias: GPUBuffer },
  ) {
    this.arena = arena;
    const { chunk, numChunks } = chunksOf(shape.vocab);
    this.chunk = chunk;
    this.numChunks = numChunks;
    this.records = arena.storage("select records", shape.maxRows * this.numChunks * 32);
    this.plain = this.makeOps(false);
  }

  /**
   * Records the selection; `SELECT_WORDS` words a row at `selection.result`. With `laws`, also what the rows' tokens are
   * drawn from, from row `at` of that table on. `isMeasured`: `MEASURED_WORDS` a row behind, but for the divergence.
   */
  record(
    selection: Selection,
    { laws, isMeasured = false }: { laws?: { table: LawTable; at: number }; isMeasured?: boolean } = {},
  ): void {
    const { numRows } = selection;
    const { penalty, temperature, topK, topP, minP } = selection;
    // The largest logit survives every filter.
    const isFiltered = penalty !== 1 || (temperature > 0 && (topK > 0 || topP < 1 || minP > 0));
    const step = this.step(selection, laws ? { lawRow: laws.at } : {});
    if (isMeasured) this.measured ??= this.makeOps(true);
    const ops = (isMeasured && this.measured) || this.plain;
    if (!isFiltered && !laws) (temperature === 0 ? ops.greedy : ops.noisy).record(step, numRows * this.numChunks);
    else {
      this.chain ??= new FilterChain(this.gpu, this.arena, this.shape, this.numChunks, this.buffers, this.records);
      this.chain.record(selection, step, isMeasured);
      if (laws) this.chain.recordLaws(laws.table, this.stepOf(laws.table, selection, { lawRow: laws.at }), numRows);
    }
    ops.merge.record(step, numRows);
  }

  /** Records the k largest logits of each row: (token, log-probability) pairs behind the select records. */
  recordTopK(selection: Selection, k: number): void {
    this.record(selection);
    this.recordLists(selection, k, this.listOps(k, { OF: "logits", NOISE: false }));
  }

  /**
   * Records the k first tokens of each row's race, without penalties and truncation: (token, key) pairs where `recordTopK`
   * leaves its own.
   */
  recordRace(selection: Selection, k: number): void {
    this.recordLists(selection, k, this.listOps(k, { OF: "race", NOISE: selection.temperature > 0 }));
  }

  /**
   * Draws the tokens of the records of all rows, which are the same logits again and again, anew and without replacement: from
   * the law in row 0 of `table`, by the noise of the round's first draft. Where the law has fewer tokens the first fills up.
   */
  recordDistinct(selection: Selection, table: LawTable): void {
    const k = selection.numRows;
    const ops = this.distinctOps.get(table) ?? this.makeListOps(k, { OF: "law", NOISE: true }, table);
    this.distinctOps.set(table, ops);
    this.recordLists({ ...selection, numRows: 1 }, k, ops, table);
  }

  private listOps(k: number, how: ListSource): ListOps {
    invariant(k > 0 && k <= MAX_TOP_K && k <= this.shape.vocab, `top-k takes 1..${MAX_TOP_K}, got ${k}`);
    const key = `${k} ${how.OF} ${how.NOISE}`;
    const ops = this.topKOps.get(key) ?? this.makeListOps(k, how);
    this.topKOps.set(key, ops);
    return ops;
  }

  private recordLists(selection: Selection, k: number, ops: ListOps, table?: LawTable): void {
    const step = this.stepOf(table ?? this.shape, selection, { k });
    ops.chunks.record(step, selection.numRows * chunksOf((table ?? this.shape).vocab).numChunks);
    ops.merge.record(step, selection.numRows);
  }

  /** A step block for what is read or written by rows of so many tokens, which may be padded otherwise than the logits. */
  private stepOf({ vocab }: { vocab: number }, selection: Selection, extra: SelectStep): number {
    return this.step(selection, { ...extra, vocab, ...chunksOf(vocab) });
  }

  private makeListOps(k: number, how: ListSource, table?: LawTable): ListOps {
    const { gpu, arena } = this;
    const { numChunks } = chunksOf((table ?? this.shape).vocab);
    const { logits, bias, rows } = this.buffers;
    const { OF } = how;
    const maxRows = OF === "law" ? 1 : this.shape.maxRows;
    const lists = arena.storage("top-k lists", maxRows * numChunks * k * 8);
    const heads = arena.storage("top-k heads", maxRows * numChunks * 4);
    const noise = OF === "logits" ? [] : [rows, gpu.queue.inputs.buffer];
    const more = OF === "race" ? [bias] : [];
    return {
      chunks: makeOp(gpu, "topk_chunks", how, [table?.weights ?? logits, lists, ...noise, ...more]),
      merge: makeOp(gpu, "topk_merge", { OF }, [lists, heads, gpu.results.buffer, ...(table ? [logits] : [])]),
    };
  }

  private makeOps(MEASURED: boolean): SelectOps {
    const { gpu, records } = this;
    const { logits, bias, rows } = this.buffers;
    const [greedy, noisy] = [false, true].map((NOISE) =>
      makeOp(gpu, "select_chunks", { FILTERED: false, NOISE, MEASURED }, [
        logits,
        bias,
        rows,
        gpu.queue.inputs.buffer,
        records,
      ]),
    );
    return { greedy, noisy, merge: makeOp(gpu, "select_merge", { MEASURED }, [records, gpu.results.buffer]) };
  }

  private step(s: Selection, extra: SelectStep = {}): number {
    return selectStep(this.gpu.queue, {
      numRows: s.numRows,
      rowsList: s.rowsList,
      result: s.result,
      chunk: this.chunk,
      numChunks: this.numChunks,
      vocab: this.shape.vocab,
      width: this.shape.vocab,
      fillsNext: s.fillsNext ? 1 : 0,
      draw: s.draw,
      purpose: s.purpose,
      depth: s.depth,
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

/**
 * The kernels that only penalties and truncation need, made on first use: two dispatches, four for top-k, two more for
 * each round of top-p's search (one up to 8,192 tokens, two up to 131,072). Candidates are what reaches a cheap bound,
 * for top-p of one part of the range; the exact threshold is found among them alone, one invocation a row.
 */
class FilterChain {
  private readonly clear: Op;
  private readonly mark: Op;
  private readonly gather: Op;
  private readonly variants = new Map<string, Op>();
  private readonly process: Record<"plain" | "penalty", Binding[]>;
  private readonly bound: Binding[];
  private readonly cut: Binding[];
  private readonly bins: Op;
  private readonly pick: Op;
  private readonly numRounds: number;
  private readonly laws: readonly Binding[];
  private readonly race: Binding[];
  // A table is of the session that verifies, which may go before this one.
  private readonly lawOps = new WeakMap<LawTable, Op>();

  constructor(
    private readonly gpu: Gpu,
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
    const stats = arena.storage("chunk stats", maxRows * numChunks * 8);
    const state = arena.storage("filter state", maxRows * STATE_BYTES);
    const lists = arena.storage("filter candidates", maxRows * vocab * 4);
    const found = arena.storage("filter counts", maxRows * numChunks * 16);
    const sums = arena.storage("filter sums", maxRows * numChunks * EDGE_QUADS * 16);
    this.clear = makeOp(gpu, "history_clear", {}, [seen]);
    this.mark = makeOp(gpu, "history_mark", {}, [inputs, rows, slots, seen]);
    this.gather = makeOp(gpu, "filter_gather", QUADS, [y, stats, state, lists, found]);
    this.bins = makeOp(gpu, "filter_bins", QUADS, [y, state, sums]);
    this.pick = makeOp(gpu, "filter_pick", QUADS, [sums, state]);
    this.numRounds = 1 + Math.ceil(Math.max(0, Math.log2(vocab / VOCAB_OF_ONE_ROUND)) / 4);
    this.process = { plain: [logits, bias, y, stats], penalty: [logits, bias, y, stats, seen] };
    this.bound = [stats, state];
    this.cut = [found, lists, state];
    this.laws = [y, state];
    // The race reads its list after the cut is done with its own.
    this.race = [logits, bias, rows, inputs, records, y, state, lists];
  }

  record(selection: Selection, step: number, MEASURED: boolean): void {
    const { numRows, penalty, topK, topP, maxKeys, temperature } = selection;
    const perChunk = numRows * this.numChunks;
    const PENALTY = penalty !== 1;
    const TOP_K = temperature > 0 && topK > 0 && topK < this.shape.vocab;
    const TOP_P = temperature > 0 && topP < 1;
    const MASS = TOP_P && !TOP_K;
    if (PENALTY) {
      this.clear.record(step, numRows * Math.ceil(this.shape.vocab / 32));
      this.mark.record(step, numRows * maxKeys);
    }
    const bindings = PENALTY ? this.process.penalty : this.process.plain;
    this.variant("process_logits", { PENALTY, MASS }, bindings).record(step, perChunk);
    const BOUND = TOP_K ? "count" : MASS ? "mass" : "none";
    this.variant("filter_bound", { BOUND, ...QUADS }, this.bound).record(step, numRows);
    for (let round = 0; MASS && round < this.numRounds; round++) {
      this.bins.record(step, perChunk);
      this.pick.record(step, numRows);
    }
    if (TOP_K || TOP_P) {
      this.gather.record(step, perChunk);
      this.variant("filter_cut", { TOP_K, TOP_P, ...QUADS }, this.cut).record(step, numRows);
    }
    const constants = { FILTERED: true, NOISE: temperature > 0, MEASURED, ...QUADS };
    this.variant("select_chunks", constants, this.race).record(step, perChunk);
  }

  /** Records the laws of the rows that `record` has filtered; `step` is of the table. */
  recordLaws(table: LawTable, step: number, numRows: number): void {
    let op = this.lawOps.get(table);
    if (!op) {
      op = makeOp(this.gpu, "law_chunks", QUADS, [...this.laws, table.weights, table.sums]);
      this.lawOps.set(table, op);
    }
    op.record(step, numRows * chunksOf(table.vocab).numChunks);
  }

  private variant(name: string, constants: WgslConstants, bindings: Binding[]): Op {
    const key = `${name} ${Object.values(constants).join(" ")}`;
    const made = this.variants.get(key) ?? makeOp(this.gpu, name, constants, bindings);
    this.variants.set(key, made);
    return made;
  }
}
