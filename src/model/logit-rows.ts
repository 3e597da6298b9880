import { BildJudge, LawJudge, type LawRule, type LawStore } from "../ops/laws.js";
import { Linear } from "../ops/linear.js";
import { makeOp, type Op } from "../ops/op.js";
import type { MemoryOps, RowMemoryStore } from "../ops/row-memory.js";
import { Select } from "../ops/select.js";
import type { Sampler } from "./session.js";
import type { WebGpuSession } from "./webgpu-session.js";

/** Rows that one selection takes at most. */
export const MAX_SELECT_ROWS = 65;

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
    judges: Map<LawStore, Map<string, LawJudge>>;
    bildJudges: Map<boolean, BildJudge>;
    memories: WeakMap<RowMemoryStore, MemoryOps>;
    scoreGiven: Op | null;
    blends: WeakMap<GPUBuffer, Op>;
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
  judgeOf(rule: LawRule | "typical", laws: LawStore): LawJudge {
    const { judges, logits } = this.head;
    const made = judges.get(laws) ?? new Map<string, LawJudge>();
    judges.set(laws, made);
    const forward = { logits, rows: this.session.rowRecords };
    const judge = made.get(rule) ?? new LawJudge(this.session.model.gpu, rule, laws, forward);
    made.set(rule, judge);
    return judge;
  }

  /** The kernels of Big Little Decoder's rule. */
  bildJudge(isLiteral: boolean): BildJudge {
    const { bildJudges, logits } = this.head;
    const { gpu, capabilities } = this.session.model;
    const forward = { logits, rows: this.session.rowRecords };
    const judge = bildJudges.get(isLiteral) ?? new BildJudge(gpu, isLiteral, capabilities.vocabSize, forward);
    bildJudges.set(isLiteral, judge);
    return judge;
  }

  /** The kernel that looks up given tokens, bound to these logits. */
  get scoreGiven(): Op {
    const { gpu } = this.session.model;
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
    const op = blends.get(other) ?? makeOp(this.session.model.gpu, "blend_rows", {}, [logits, other]);
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
      ...model.last,
      isGathered: true,
      rounded: activations.rounded,
      w: model.outputMatrix,
      y: logits,
      yStride: capabilities.vocabSize,
    });
    const shape = { vocab: capabilities.vocabSize, maxRows: Math.min(capacity, MAX_SELECT_ROWS) };
    const select = new Select(gpu, arena, shape, { logits, rows: rowRecords, slots, bias: this.bias });
    return {
      capacity,
      linear,
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
