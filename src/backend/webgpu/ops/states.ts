import { MAX_SELECT_ROWS } from "../../../seam/row-limits.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import { ceil4, makeOp, type Op } from "./op.js";
import { type SelectStep, selectStep } from "./select-step.js";

/** Invocations that share a row on a real GPU; a software adapter gains nothing by sharing. */
const GPU_LANES = 64;
/** Kept rows that one invocation compares a candidate with. */
const CHUNK = 4;

/** Where the path of a promotion stands: in the results ring, or listed in the inputs ring. */
export type PathPlace = "result" | "list";

/** The rows whose states a table holds: numbers in a row, slots, and where a forward leaves rows and their records. */
export interface StatedRows {
  size: number;
  context: number;
  x: Binding;
  rowRecords: Binding;
  lengths: GPUBuffer;
}

/** A `[context, C]` table on the GPU of the states of rows by cache slot, each of length 1; and what compares them. */
export class StateTable {
  readonly states: GPUBuffer;
  /** From a row of it to the next. */
  readonly rowBytes: number;
  private readonly width: number;
  private readonly store: Op;
  /** By where the path stands that they go along. */
  private readonly moves: Record<PathPlace, Op>;
  private readonly similarity: Op;
  private readonly sum: Op;
  private readonly choose: Op;

  constructor(
    private readonly gpu: Gpu,
    arena: Arena,
    { size, context, x, rowRecords, lengths }: StatedRows,
    private readonly lanes: number = gpu.facts.isSoftware ? 1 : GPU_LANES,
  ) {
    const { inputs } = gpu.queue;
    const results = gpu.results.buffer;
    this.width = ceil4(size);
    this.rowBytes = this.width * 16;
    const states = arena.storage("states", context * this.rowBytes);
    const sums = arena.storage("sum of states", this.width * 16);
    const parts = arena.storage("similarities", MAX_SELECT_ROWS * Math.ceil(context / CHUNK) * 4);
    const dims = arena.uniform("state dims", [this.width]);
    const shared = { LANES: lanes, WORKGROUP_SIZE: lanes };
    this.states = states;
    this.store = makeOp(gpu, "state_store", lanes === 1 ? { LANES: 1 } : shared, [dims, x, rowRecords, states]);
    const moved = arena.uniform("promotion dims", [this.width, 0, 1]);
    const move = (PATH: PathPlace) =>
      makeOp(gpu, "keep_path", { PART: "cache", PATH, CACHE: "f32" }, [moved, results, inputs.buffer, lengths, states]);
    this.moves = { result: move("result"), list: move("list") };
    this.similarity = makeOp(gpu, "state_similarity", {}, [states, parts]);
    this.sum = makeOp(gpu, "state_sum", {}, [states, sums]);
    this.choose = makeOp(gpu, "contrast", shared, [parts, states, sums, results]);
  }

  /** Records that the forward's rows leave their states. */
  record(step: number, numRows: number): void {
    this.store.record(step, numRows * this.lanes);
  }

  /** Records that a promoted path's states move with it: before the length does. */
  promote(step: number, place: PathPlace): void {
    this.moves[place].record(step, this.width);
  }

  /** Records which of the rows behind `length` kept ones is taken, with the step block's other fields. */
  contrast(fields: SelectStep & { numRows: number }, length: number): void {
    const numChunks = Math.ceil(length / CHUNK);
    const step = selectStep(this.gpu.queue, { ...fields, quota: length, chunk: CHUNK, numChunks, width: this.width });
    this.similarity.record(step, fields.numRows * numChunks);
    this.sum.record(step, this.width);
    this.choose.record(step, this.lanes);
  }
}
