import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import { makeOp, type Op } from "./op.js";
import { chunksOf } from "./select.js";

/** How drafts that were drawn from a law of their own are judged: draft by draft, or the chain as a whole. */
export type LawRule = "rejection" | "block";

/** The laws that one round's tokens were and would be drawn from, as weights `[rows, V]` with their sums over chunks. */
export interface LawTable {
  weights: GPUBuffer;
  sums: GPUBuffer;
}

/** A row of `law_judged.wgsl`. */
const JUDGED_BYTES = 12;

/** Room for a round of `numDrafts` drafts: their laws, the target's, and what judging them takes. */
export class LawStore {
  readonly target: LawTable;
  readonly draft: LawTable;
  readonly judged: GPUBuffer;
  readonly left: GPUBuffer;
  readonly best: GPUBuffer;

  constructor(
    arena: Arena,
    readonly vocab: number,
    readonly numDrafts: number,
  ) {
    const { numChunks } = chunksOf(vocab);
    const table = (name: string, numRows: number): LawTable => ({
      weights: arena.storage(`${name} laws`, numRows * vocab * 4),
      sums: arena.storage(`${name} law sums`, numRows * numChunks * 4),
    });
    this.target = table("target", numDrafts + 1);
    this.draft = table("draft", numDrafts);
    this.judged = arena.storage("judged rows", (numDrafts + 1) * JUDGED_BYTES);
    this.left = arena.storage("mass left", (numDrafts + 1) * numChunks * 4);
    this.best = arena.storage("residual draws", numChunks * 8);
  }
}

/** Buffers of the verified forward. */
export interface JudgedForward {
  logits: GPUBuffer;
  rows: GPUBuffer;
}

/** The kernels that judge a round by one rule, bound to its laws and to the forward that verified it. */
export class LawJudge {
  private readonly ratios: Op;
  private readonly left: Op | null;
  private readonly accept: Op;
  private readonly residual: Op;
  private readonly verdict: Op;
  private readonly numChunks: number;

  constructor(gpu: Gpu, rule: LawRule, store: LawStore, { logits, rows }: JudgedForward) {
    const RULE = { RULE: rule };
    const { target, draft, judged, left, best } = store;
    const inputs = gpu.queue.inputs.buffer;
    const results = gpu.results.buffer;
    this.numChunks = chunksOf(store.vocab).numChunks;
    const laws = [target.weights, target.sums, draft.weights, draft.sums];
    this.ratios = makeOp(gpu, "law_ratios", RULE, [rows, inputs, ...laws, judged]);
    this.left = rule === "block" ? makeOp(gpu, "law_left", RULE, [target.weights, draft.weights, judged, left]) : null;
    const counted = rule === "block" ? [left] : [];
    this.accept = makeOp(gpu, "law_accept", { ...RULE, WORKGROUP_SIZE: 1 }, [
      rows,
      inputs,
      judged,
      results,
      ...counted,
    ]);
    this.residual = makeOp(gpu, "law_residual", RULE, [
      rows,
      inputs,
      target.weights,
      draft.weights,
      judged,
      results,
      best,
    ]);
    this.verdict = makeOp(gpu, "law_verdict", { WORKGROUP_SIZE: 1 }, [rows, inputs, logits, best, results]);
  }

  /** Records the verdict behind select records of `numRows` rows, whose laws are in the store. */
  record(step: number, numRows: number): void {
    this.ratios.record(step, numRows);
    this.left?.record(step, numRows * this.numChunks);
    this.accept.record(step, 1);
    this.residual.record(step, this.numChunks);
    this.verdict.record(step, 1);
  }
}
