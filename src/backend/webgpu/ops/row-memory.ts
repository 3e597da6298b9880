import type { MemoryRule } from "../../../seam/questions/measure.js";
import { invariant } from "../../../vocabulary/errors.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import { floatBits } from "../gpu/queue.js";
import { makeOp, type Op } from "./op.js";
import { chunksOf } from "./chunks.js";
import { type SelectStep, selectStep } from "./select-step.js";

/** Positions that a memory holds at once; more mustn't be under way. */
const MEMORY_PLACES = 64;
const KNOWN = 0x80000000;

/** A `[64, V]` memory on the GPU; which position each place holds is known here. */
export class RowMemoryStore {
  rule: MemoryRule = { keeps: "law" };
  private readonly memory: GPUBuffer;
  private readonly parts: GPUBuffer;
  private readonly held = new Int32Array(MEMORY_PLACES).fill(-1);

  constructor(
    private readonly gpu: Gpu,
    arena: Arena,
    readonly vocab: number,
  ) {
    this.memory = arena.storage("row memory", MEMORY_PLACES * vocab * 4);
    this.parts = arena.storage("divergence parts", MEMORY_PLACES * chunksOf(vocab).numChunks * 4);
  }

  /** Forgets everything; what comes is remembered by `rule`. */
  restart(rule: MemoryRule): this {
    this.rule = rule;
    this.held.fill(-1);
    return this;
  }

  /** Writes each row's place for the kernels, and returns where, and which positions the memory held. Holds them from now on. */
  place(positions: readonly number[]): { at: number; isKnown: boolean[] } {
    const { inputs } = this.gpu.queue;
    const at = inputs.reserve(positions.length);
    const isKnown = positions.map((position) => this.held[position % MEMORY_PLACES] === position);
    for (const [i, position] of positions.entries()) {
      const place = position % MEMORY_PLACES;
      invariant(!positions.includes(position + MEMORY_PLACES), `a memory of ${MEMORY_PLACES} positions`);
      inputs.setWord(at + i, isKnown[i] ? (KNOWN | place) >>> 0 : place);
      this.held[place] = position;
    }
    return { at, isKnown };
  }

  /** The kernels of this memory for a forward's logits. */
  kernels({ logits, bias }: { logits: GPUBuffer; bias: GPUBuffer }): MemoryOps {
    const { gpu, memory, parts } = this;
    const results = gpu.results.buffer;
    const inputs = gpu.queue.inputs.buffer;
    const divergence = makeOp(gpu, "memory_divergence", {}, [logits, bias, inputs, results, memory, parts]);
    return {
      divergence,
      sum: makeOp(gpu, "memory_sum", {}, [parts, results]),
      credit: makeOp(gpu, "memory_credit", {}, [results, inputs, logits, memory]),
    };
  }

  /** Records what `rule` does, with the step block's other fields. `law` comes behind a measured selection, `credit` before one. */
  record(ops: MemoryOps, fields: SelectStep, at: number): void {
    const numRows = fields.numRows ?? 0;
    const { chunk, numChunks } = chunksOf(this.vocab);
    const { rule } = this;
    const rates =
      rule.keeps === "credit"
        ? { decay: floatBits(rule.decay), power: floatBits(rule.power), weight: floatBits(rule.weight) }
        : {};
    const step = selectStep(this.gpu.queue, {
      ...fields,
      ...rates,
      chunk,
      numChunks,
      vocab: this.vocab,
      parents: at,
    });
    if (rule.keeps === "credit") return ops.credit.record(step, numRows * numChunks);
    ops.divergence.record(step, numRows * numChunks);
    ops.sum.record(step, numRows);
  }
}

/** A memory's kernels, bound to one forward's logits. */
export interface MemoryOps {
  divergence: Op;
  sum: Op;
  credit: Op;
}
