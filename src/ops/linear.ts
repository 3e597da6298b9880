import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Kernel } from "../gpu/kernel.js";
import { ceil4 } from "./op.js";
import type { MatmulFamily } from "./variants.js";

/** How weights lie in their u32 storage. */
export type WeightFormat = "f32" | "bf16" | "f16";

/** The activation of a feed-forward block, by its field name. */
export type Activation = "silu" | "gelu" | "gelu_tanh";

/** A weight matrix `[N, K]` in the panels of the family that reads it. */
export interface WeightMatrix {
  buffer: GPUBuffer;
  format: WeightFormat;
  n: number;
  k: number;
}

/** What happens to a sum before it is stored: as it is, added to what is there, or activate(row n) · (row n + N/2). */
export type Epilogue = { kind: "plain" } | { kind: "add" } | { kind: "gated"; activation: Activation };

/** `y = x wᵀ (+ bias)` with an epilogue. `x` is `[M, K]`, rows padded to a multiple of four by zeros; `y` is `[M, yStride]`. */
export class Linear {
  /** `invocations`: for one tile of rows. */
  private readonly variants: { rows: number; kernel: Kernel; invocations: number }[];
  private readonly group: GPUBindGroup;

  constructor(
    private readonly gpu: Gpu,
    arena: Arena,
    { panel, tileRows, panelsOfOneRow, minColumnsToJoin }: MatmulFamily,
    {
      x,
      w,
      y,
      yStride,
      bias,
      epilogue = { kind: "plain" },
    }: { x: GPUBuffer; w: WeightMatrix; y: GPUBuffer; yStride: number; bias?: GPUBuffer; epilogue?: Epilogue },
  ) {
    const isGated = epilogue.kind === "gated";
    const n = isGated ? w.n / 2 : w.n;
    const constants = {
      WEIGHT: w.format,
      BIAS: bias !== undefined,
      ADD: epilogue.kind === "add",
      GATED: isGated,
      ACTIVATION: isGated ? epilogue.activation : "none",
    };
    const { LANES } = panel;
    const COLUMNS = isGated ? panel.COLUMNS / 2 : panel.COLUMNS;
    this.variants = tileRows.map((ROWS) => {
      const PARTS = ROWS === 1 && n >= minColumnsToJoin ? panelsOfOneRow : 1;
      const tile = { ROWS, COLUMNS, PARTS, WORKGROUP_SIZE: LANES };
      return {
        rows: ROWS,
        kernel: gpu.kernels.get("matmul", { ...constants, ...tile }),
        invocations: Math.ceil(n / (COLUMNS * PARTS * LANES)) * LANES,
      };
    });
    const dims = arena.uniform("matmul dims", [n, ceil4(w.k), yStride, isGated ? n : 0]);
    const bindings = [dims, x, w.buffer, y];
    // The tiles' layouts have the same entries, so one bind group serves them all.
    this.group = gpu.kernels.bind(this.variants[0].kernel, bias ? [...bindings, bias] : bindings);
  }

  /** Records the product for the first `numRows` rows. */
  record(stepOffset: number, numRows: number): void {
    const last = this.variants.length - 1;
    let i = 0;
    while (i < last && this.variants[i].rows < numRows) i++;
    const { kernel, rows, invocations } = this.variants[i];
    this.gpu.queue.dispatch(kernel, this.group, stepOffset, Math.ceil(numRows / rows) * invocations);
  }
}
