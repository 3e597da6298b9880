import type { LawRule } from "../../../seam/questions/draft.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import { makeOp, type Op } from "./op.js";
import { chunksOf } from "./chunks.js";
import { type SelectStep, selectStep } from "./select-step.js";

/** The laws that one round's tokens were and would be drawn from, as weights `[rows, V]` with their sums over chunks. */
export interface LawTable {
  vocab: number;
  weights: GPUBuffer;
  sums: GPUBuffer;
}

/** Bytes of `Judged` in `law_judged.wgsl`, and of `Outcome` in `law_outcome.wgsl`. */
const JUDGED_BYTES = 20;
const OUTCOME_BYTES = 20;

/** Rounds of k-SEQ's search for a scale, and the scales that each tries: as in `sampling/verify/kseq.ts`. */
const SCALE_ROUNDS = 3;
const EDGES = 17;

/**
 * Room for a round of `numChains` chains with `numDrafts` drafts in all: their laws, the target's, and what judging them takes.
 * `isDistinct`: the chains' first drafts are drawn without replacement.
 */
export class LawStore {
  readonly target: LawTable;
  readonly judged: GPUBuffer;
  private drafted: LawTable | null = null;
  private shared: { offers: GPUBuffer; outcome: GPUBuffer; best: GPUBuffer } | null = null;
  private readonly numChunks: number;

  constructor(
    private readonly arena: Arena,
    readonly vocab: number,
    readonly numDrafts: number,
    readonly numChains = 1,
    readonly isDistinct = false,
  ) {
    this.numChunks = chunksOf(vocab).numChunks;
    this.target = this.table("target", numDrafts + 1);
    this.judged = arena.storage("judged rows", (numDrafts + 1) * JUDGED_BYTES);
  }

  /** The laws that drafts were drawn from, by draft; typical acceptance does without. */
  get draft(): LawTable {
    this.drafted ??= this.table("draft", this.numDrafts);
    return this.drafted;
  }

  /** What rules hand on from kernel to kernel. */
  get between(): { offers: GPUBuffer; outcome: GPUBuffer; best: GPUBuffer } {
    this.shared ??= {
      offers: this.arena.storage("offers", (this.numDrafts + 1) * (this.numChains + 1) * 8),
      outcome: this.arena.storage("outcome", OUTCOME_BYTES),
      best: this.arena.storage("residual draws", this.numChunks * 8),
    };
    return this.shared;
  }

  /** A buffer for what is left of the rows' laws at `numEdges` scales. */
  left(numEdges: number): GPUBuffer {
    return this.arena.storage("mass left", (this.numDrafts + 1) * this.numChunks * numEdges * 4);
  }

  private table(name: string, numRows: number): LawTable {
    return {
      vocab: this.vocab,
      weights: this.arena.storage(`${name} laws`, numRows * this.vocab * 4),
      sums: this.arena.storage(`${name} law sums`, numRows * this.numChunks * 8),
    };
  }
}

/** Buffers of the verified forward. */
export interface JudgedForward {
  logits: GPUBuffer;
  rows: Binding;
}

/** The parts of a verification that its rule decides: before the walk down the drafts, and the walk. */
interface Walk {
  /** Records what the walk reads, for `numRows` rows whose step block has these fields. */
  prepare(fields: SelectStep, step: number, numRows: number): void;
  accept: Op;
}

/** The kernels that judge a round by one rule, bound to its laws and to the forward that verified it. */
export class LawJudge {
  private readonly rowsOp: Op;
  private readonly walk: Walk;
  private readonly residual: Op | null;
  private readonly verdict: Op;
  private readonly numChunks: number;

  constructor(
    private readonly gpu: Gpu,
    rule: LawRule | "typical",
    private readonly store: LawStore,
    { logits, rows }: JudgedForward,
  ) {
    const { target, judged } = store;
    const inputs = gpu.queue.inputs.buffer;
    const results = gpu.results.buffer;
    this.numChunks = chunksOf(store.vocab).numChunks;
    const DRAFTED = rule !== "typical";
    const drafted = DRAFTED ? [store.draft.weights, store.draft.sums] : [];
    const laws = [rows, inputs, target.weights, target.sums, judged, ...drafted];
    this.rowsOp = makeOp(gpu, "law_rows", { DRAFTED }, laws);
    if (rule === "typical") {
      const accept = makeOp(gpu, "accept_typical", { WORKGROUP_SIZE: 1 }, [inputs, judged, results]);
      this.walk = { prepare: () => undefined, accept };
      this.residual = null;
      this.verdict = verdictOp(gpu, [rows, inputs, logits, results]);
      return;
    }
    const { outcome, best } = store.between;
    this.walk = rule === "block" ? this.blockWalk(rows) : this.chainsWalk(rule, rows);
    const weights = [target.weights, store.draft.weights];
    this.residual = makeOp(gpu, "law_residual", {}, [rows, inputs, ...weights, judged, outcome, results, best]);
    this.verdict = verdictOp(gpu, [rows, inputs, logits, results], [outcome, best]);
  }

  /**
   * Records the verdict behind select records of `numRows` rows, whose laws are in the store. `fields`: where rows,
   * parents and result are, and the rule's limits.
   */
  record(fields: SelectStep, numRows: number): void {
    const { vocab, numChains } = this.store;
    const whole = { ...fields, vocab, ...chunksOf(vocab), numRows, k: numChains };
    const step = selectStep(this.gpu.queue, whole);
    this.rowsOp.record(step, numRows);
    this.walk.prepare(whole, step, numRows);
    this.walk.accept.record(step, 1);
    this.residual?.record(step, this.numChunks);
    this.verdict.record(step, 1);
  }

  private blockWalk(rows: Binding): Walk {
    const { gpu, store, numChunks } = this;
    const left = store.left(1);
    const leftOp = this.leftOp({ RULE: "block", EDGES: 1 }, left, []);
    const bindings = [rows, gpu.queue.inputs.buffer, store.judged, left, gpu.results.buffer, store.between.outcome];
    return {
      prepare: (_fields, step, numRows) => leftOp.record(step, numRows * numChunks),
      accept: makeOp(gpu, "accept_block", { WORKGROUP_SIZE: 1 }, bindings),
    };
  }

  private chainsWalk(rule: Exclude<LawRule, "block">, rows: Binding): Walk {
    const { gpu, store, numChunks } = this;
    const inputs = gpu.queue.inputs.buffer;
    const { offers, outcome } = store.between;
    const { judged, numChains, isDistinct: DISTINCT } = store;
    const offered = rule === "rejection" ? [] : [offers];
    const bindings = [rows, inputs, judged, gpu.results.buffer, outcome, ...offered];
    const accept = makeOp(gpu, "accept_chains", { RULE: rule, DISTINCT, WORKGROUP_SIZE: 1 }, bindings);
    if (rule === "rejection") return { prepare: () => undefined, accept };
    const left = store.left(rule === "kseq" ? EDGES : 1);
    if (rule === "recursive") {
      const leftOp = this.leftOp({ RULE: rule, DISTINCT, EDGES: 1 }, left, [offers, rows]);
      const next = makeOp(gpu, "recursive_try", { DISTINCT }, [rows, inputs, judged, left, offers]);
      const prepare: Walk["prepare"] = (fields, _step, numRows) => {
        for (let tries = 0; tries < numChains; tries++) {
          const step = selectStep(gpu.queue, { ...fields, depth: tries });
          leftOp.record(step, numRows * numChunks);
          next.record(step, numRows);
        }
      };
      return { prepare, accept };
    }
    const leftOp = this.leftOp({ RULE: rule, EDGES }, left, [offers]);
    const first = makeOp(gpu, "kseq_narrow", { FIRST: true, EDGES, DISTINCT }, [rows, inputs, offers]);
    const narrow = makeOp(gpu, "kseq_narrow", { FIRST: false, EDGES, DISTINCT }, [rows, inputs, offers, left]);
    const prepare: Walk["prepare"] = (_fields, step, numRows) => {
      first.record(step, numRows);
      for (let round = 0; round < SCALE_ROUNDS; round++) {
        leftOp.record(step, numRows * numChunks);
        narrow.record(step, numRows);
      }
    };
    return { prepare, accept };
  }

  private leftOp(constants: Record<string, string | number | boolean>, left: GPUBuffer, more: Binding[]): Op {
    const { target, draft, judged } = this.store;
    const inputs = this.gpu.queue.inputs.buffer;
    return makeOp(this.gpu, "law_left", constants, [target.weights, draft.weights, judged, inputs, left, ...more]);
  }
}

/** The kernel that judges a greedy chain as Big Little Decoder does, and writes the verdict. */
export class BildJudge {
  private readonly accept: Op;
  private readonly verdict: Op;

  constructor(
    private readonly gpu: Gpu,
    isLiteral: boolean,
    private readonly vocab: number,
    { logits, rows }: JudgedForward,
  ) {
    const bindings = [rows, gpu.queue.inputs.buffer, logits, gpu.results.buffer];
    this.accept = makeOp(gpu, "accept_bild", { LITERAL: isLiteral, WORKGROUP_SIZE: 1 }, bindings);
    this.verdict = verdictOp(gpu, bindings);
  }

  /** As `LawJudge.record`; the words of the drafts' log-probabilities lie behind the parents. */
  record(fields: SelectStep, numRows: number): void {
    const step = selectStep(this.gpu.queue, { ...fields, vocab: this.vocab, numRows });
    this.accept.record(step, 1);
    this.verdict.record(step, 1);
  }
}

function verdictOp(gpu: Gpu, bindings: Binding[], residual: Binding[] = []): Op {
  const constants = { RESIDUAL: residual.length > 0, WORKGROUP_SIZE: 1 };
  return makeOp(gpu, "law_verdict", constants, [...bindings, ...residual]);
}
