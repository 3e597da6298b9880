import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import { floatBits } from "../gpu/queue.js";
import type { Activation } from "./linear.js";
import { ceil4, makeOp, type Op } from "./op.js";

/** Invocations that share a row on a real GPU; a software adapter gains nothing by sharing. */
const GPU_LANES = 64;

/** What a norm of rows reads and writes: buffers of rows `[M, size]`, padded to a multiple of four by zeros. */
export interface RowNormOptions {
  /** Numbers in a row. */
  size: number;
  eps: number;
  /** A layer norm takes the mean away; an RMS norm doesn't. */
  kind: "rms" | "layer";
  x: Binding;
  weight: GPUBuffer;
  bias?: GPUBuffer;
  /** Comes before the norm. */
  activation?: Activation;
  y: Binding;
  /** What the normed rows are added to: those of y, or others. */
  adds?: "own" | GPUBuffer;
  /** Stores y · gain and the squares of y in so many parts a row, as a product that feeds a folded norm does. */
  feeds?: { gain: GPUBuffer; scaled: Binding; squares: Binding; parts: number };
}

/** A norm of rows as a kernel of its own: one dispatch. A row's bits depend on nothing but itself. */
export class RowNorm {
  private readonly op: Op;

  constructor(
    gpu: Gpu,
    arena: Arena,
    { size, eps, kind, x, weight, bias, activation, y, adds, feeds }: RowNormOptions,
    private readonly lanes: number = gpu.facts.isSoftware ? 1 : GPU_LANES,
  ) {
    const dims = arena.uniform("norm dims", [ceil4(size), size, floatBits(eps), feeds?.parts ?? 0]);
    const bindings: Binding[] = [dims, x, weight, y];
    const at = (buffer: Binding | undefined) => (buffer ? bindings.push(buffer) : 0);
    const constants = {
      CENTRED: kind === "layer",
      ACTIVATION: activation ?? "none",
      BIAS: bias !== undefined,
      ADDS: adds === undefined ? "none" : adds === "own" ? "own" : "other",
      FEEDS: feeds !== undefined,
      LANES: lanes,
      BIAS_AT: at(bias),
      ADDED_AT: at(adds === "own" ? undefined : adds),
      GAIN_AT: at(feeds?.gain),
      SCALED_AT: at(feeds?.scaled),
      SQUARES_AT: at(feeds?.squares),
    };
    this.op = makeOp(gpu, "norm_rows", lanes === 1 ? constants : { ...constants, WORKGROUP_SIZE: lanes }, bindings);
  }

  /** Records the norm of the first `numRows` rows. */
  record(stepOffset: number, numRows: number): void {
    this.op.record(stepOffset, numRows * this.lanes);
  }
}
