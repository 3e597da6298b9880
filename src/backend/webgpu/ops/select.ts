import { invariant } from "../../../vocabulary/errors.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import { floatBits } from "../gpu/queue.js";
import { chunksOf } from "./chunks.js";
import { FilterChain } from "./filter-chain.js";
import type { LawTable } from "./laws.js";
import { makeOp, type Op } from "./op.js";
import { type SelectStep, selectStep } from "./select-step.js";
import type { Selection } from "./selection.js";

const NONE = 0xffffffff;
/** Largest k of `topK`. */
const MAX_TOP_K = 64;
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
    private readonly buffers: { logits: GPUBuffer; rows: Binding; slots: Binding; bias: GPUBuffer },
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

  /** Records the k largest logits of each row, suppressed ids left out: (token, log-probability) pairs behind the select records. */
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
    const bindings = [table?.weights ?? logits, lists, ...noise];
    const constants = { ...how, BIAS_AT: bindings.length + 1 };
    if (OF !== "law") bindings.push(bias);
    return {
      chunks: makeOp(gpu, "topk_chunks", constants, bindings),
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
