import { MAX_SELECT_ROWS } from "../../../seam/row-limits.js";
import { BildJudge, LawJudge, type LawStore } from "../ops/laws.js";
import type { LawRule } from "../../../seam/questions/draft.js";
import { Linear } from "../ops/linear.js";
import { makeOp, type Op } from "../ops/op.js";
import type { MemoryOps, RowMemoryStore } from "../ops/row-memory.js";
import { Select } from "../ops/select.js";
import type { Sampler } from "../../../seam/sampler.js";
import type { Sequence } from "./sequence.js";

/** Stands for a bias that leaves no chance: far under all logits, and still finite when divided by the smallest temperature. */
const NEVER = -1e26;
/** Under `SUPPRESSED` of `select_step.wgsl`: such ids aren't part of the law at all. */
const SUPPRESSED = -1e30;

/**
 * The biases of a sampler as the kernels add them. A law stays what it is where all logits move alike, so that the largest bias
 * becomes 0: no sum overflows, and logits of ids that share it lose no digits.
 */
function biasesOf({ logitBias, suppress }: Sampler, vocabSize: number): Float32Array<ArrayBuffer> {
  const biases = new Float64Array(vocabSize);
  for (const [token, value] of logitBias) biases[token] = value;
  for (const token of suppress) if (token < vocabSize) biases[token] = Number.NEGATIVE_INFINITY;
  const largest = biases.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return Float32Array.from(biases, (bias) =>
    bias === Number.NEGATIVE_INFINITY ? SUPPRESSED : Math.max(NEVER, bias - largest),
  );
}

/** The end of a forward for the rows that need logits: final norm, LM head, and the kernels that read the logits. */
export class LogitRows {
  readonly verify: Op;
  readonly unmask: Op;
  readonly bias: GPUBuffer;
  private head: {
    capacity: number;
    /** By part of the LM head. */
    products: Linear[];
    select: Select;
    logits: GPUBuffer;
    judges: Map<LawStore, Map<string, LawJudge>>;
    bildJudges: Map<boolean, BildJudge>;
    memories: WeakMap<RowMemoryStore, MemoryOps>;
    scoreGiven: Op | null;
    blends: WeakMap<GPUBuffer, Op>;
  };
  private resistOp: Op | null = null;
  private sampler: Sampler | null = null;
  private isBiasZero = true;

  constructor(private readonly sequence: Sequence) {
    const { gpu, capabilities } = sequence.model;
    this.bias = sequence.arena.storage("logit bias", capabilities.vocabSize * 4);
    this.head = this.makeHead(Math.min(MAX_SELECT_ROWS, sequence.model.maxRows));
    const bindings = [sequence.rowRecords, gpu.queue.inputs.buffer, gpu.results.buffer];
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
  judgeOf(rule: LawRule | "typical", laws: LawStore): LawJudge {
    const { judges, logits } = this.head;
    const made = judges.get(laws) ?? new Map<string, LawJudge>();
    judges.set(laws, made);
    const forward = { logits, rows: this.sequence.rowRecords };
    const judge = made.get(rule) ?? new LawJudge(this.sequence.model.gpu, rule, laws, forward);
    made.set(rule, judge);
    return judge;
  }

  /** The kernels of Big Little Decoder's rule. */
  bildJudge(isLiteral: boolean): BildJudge {
    const { bildJudges, logits } = this.head;
    const { gpu, capabilities } = this.sequence.model;
    const forward = { logits, rows: this.sequence.rowRecords };
    const judge = bildJudges.get(isLiteral) ?? new BildJudge(gpu, isLiteral, capabilities.vocabSize, forward);
    bildJudges.set(isLiteral, judge);
    return judge;
  }

  /** The kernel that takes candidates against their resistance. */
  get resist(): Op {
    const { model, rowRecords, slots } = this.sequence;
    const { queue, results } = model.gpu;
    const bindings = [queue.inputs.buffer, rowRecords, slots, results.buffer];
    this.resistOp ??= makeOp(model.gpu, "resist", {}, bindings);
    return this.resistOp;
  }

  /** The kernel that looks up given tokens, bound to these logits. */
  get scoreGiven(): Op {
    const { gpu } = this.sequence.model;
    this.head.scoreGiven ??= makeOp(gpu, "score_given", {}, [
      this.head.logits,
      gpu.queue.inputs.buffer,
      gpu.results.buffer,
    ]);
    return this.head.scoreGiven;
  }

  /** The kernel that mixes these logits with others. */
  blend(other: GPUBuffer): Op {
    const { blends, logits } = this.head;
    const op = blends.get(other) ?? makeOp(this.sequence.model.gpu, "blend_rows", {}, [logits, other]);
    blends.set(other, op);
    return op;
  }

  /** The kernels of a memory, bound to these logits. */
  memoryOps(memory: RowMemoryStore): MemoryOps {
    const { memories, logits } = this.head;
    const ops = memories.get(memory) ?? memory.kernels({ logits, bias: this.bias });
    memories.set(memory, ops);
    return ops;
  }

  /** Records the LM head, final norm included, of `numRows` gathered rows. */
  record(step: number, numRows: number): void {
    if (numRows > this.head.capacity) {
      this.sequence.model.gpu.queue.flush();
      this.head = this.makeHead(Math.min(this.sequence.model.maxRows, Math.max(numRows, 2 * this.head.capacity)));
    }
    for (const product of this.head.products) product.record(step, numRows);
  }

  /** Puts the sampler's bias and suppressed ids in place; a copy only when they changed. */
  useSampler(sampler: Sampler): void {
    if (this.sampler === sampler) return;
    this.sampler = sampler;
    const isZero = sampler.logitBias.size === 0 && sampler.suppress.length === 0;
    if (isZero && this.isBiasZero) return;
    const { gpu, capabilities } = this.sequence.model;
    const bias = biasesOf(sampler, capabilities.vocabSize);
    // What was recorded so far must still see the old values.
    gpu.queue.flush();
    gpu.device.queue.writeBuffer(this.bias, 0, bias);
    this.isBiasZero = isZero;
  }

  private makeHead(capacity: number): LogitRows["head"] {
    const { arena, model, rowRecords, slots } = this.sequence;
    const { gpu, capabilities, activations, architecture } = model;
    const cap = architecture.logitSoftCap ?? null;
    const epilogue = cap === null ? undefined : { kind: "capped" as const, cap };
    const logits = arena.storage("logits", capacity * capabilities.vocabSize * 4);
    let first = 0;
    const products = model.outputMatrix.map((w) => {
      const y = { buffer: logits, offset: first * 4, size: logits.size - first * 4 };
      const own = model.outputBias;
      const bias = own ? { buffer: own, offset: first * 4, size: own.size - first * 4 } : undefined;
      first += w.n;
      const rows = { ...model.last, isGathered: true, bias, epilogue, rounded: activations.rounded };
      return new Linear(gpu, arena, model.variants.matmul, { ...rows, w, y, yStride: capabilities.vocabSize });
    });
    const shape = { vocab: capabilities.vocabSize, maxRows: Math.min(capacity, MAX_SELECT_ROWS) };
    const select = new Select(gpu, arena, shape, { logits, rows: rowRecords, slots, bias: this.bias });
    return {
      capacity,
      products,
      select,
      logits,
      judges: new Map(),
      bildJudges: new Map(),
      memories: new WeakMap(),
      scoreGiven: null,
      blends: new WeakMap(),
    };
  }
}
