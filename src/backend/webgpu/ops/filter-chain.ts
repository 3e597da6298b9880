import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import type { WgslConstants } from "../gpu/wgsl.js";
import { chunksOf } from "./chunks.js";
import type { LawTable } from "./laws.js";
import { makeOp, type Op } from "./op.js";
import type { Selection } from "./selection.js";

/** Edges at which one round of the search for top-p's threshold sums the mass, in groups of four. */
const EDGE_QUADS = 4;
/** Filter state of a row: eight words, then the edges. Mirrors `FilterState` in `filter_state.wgsl`. */
const STATE_BYTES = 32 + EDGE_QUADS * 16;
const QUADS = { QUADS: EDGE_QUADS };
/** A round leaves about a sixteenth; no more than some hundreds should be left for the one invocation that ends it. */
const VOCAB_OF_ONE_ROUND = 8192;

/**
 * The kernels that only penalties and truncation need, made on first use: two dispatches, four for top-k, two more for
 * each round of top-p's search (one up to 8,192 tokens, two up to 131,072). Candidates are what reaches a cheap bound,
 * for top-p of one part of the range; the exact threshold is found among them alone, one invocation a row.
 */
export class FilterChain {
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
    buffers: { logits: GPUBuffer; rows: Binding; slots: Binding; bias: GPUBuffer },
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
