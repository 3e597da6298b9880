import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Kernel } from "../gpu/kernel.js";
import { ceil4 } from "./op.js";
import type { MatmulTiles } from "./variants.js";

/** How weights lie in their u32 storage. */
export type WeightFormat = "f32" | "bf16" | "f16";

/** The activation of a feed-forward block, by its field name. */
export type Activation = "silu" | "gelu" | "gelu_tanh";

/** A weight matrix `[N, K]`, rows padded to a multiple of four. */
export interface WeightMatrix {
  buffer: GPUBuffer;
  format: WeightFormat;
  n: number;
  k: number;
}

/** What happens to a sum before it is stored: as it is, added to what is there, or activate(row n) · (row n + N/2). */
export type Epilogue = { kind: "plain" } | { kind: "add" } | { kind: "gated"; activation: Activation };

/** `y = x wᵀ (+ bias)` with an epilogue. `x` is `[M, K]`, `y` is `[M, yStride]`; rows of `x` are padded as `w`'s are. */
export class Linear {
  private readonly variants: { maxRows: number; kernel: Kernel; rows: number; columnInvocations: number }[];
  private readonly group: GPUBindGroup;

  constructor(
    private readonly gpu: Gpu,
    arena: Arena,
    tiles: MatmulTiles,
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
    this.variants = tiles.map(({ maxRows, tile }) => {
      const COLUMNS = isGated ? Math.max(1, tile.COLUMNS / 2) : tile.COLUMNS;
      const span = COLUMNS * tile.WORKGROUP_SIZE;
      return {
        maxRows,
        kernel: gpu.kernels.get("matmul", { ...constants, ...tile, COLUMNS }),
        rows: tile.ROWS,
        columnInvocations: Math.ceil(n / span) * tile.WORKGROUP_SIZE,
      };
    });
    const dims = arena.uniform("matmul dims", [n, ceil4(w.k), yStride, isGated ? n : 0]);
    const bindings = [dims, x, w.buffer, y];
    // The tiles' layouts have the same entries, so one bind group serves them all.
    this.group = gpu.kernels.bind(this.variants[0].kernel, bias ? [...bindings, bias] : bindings);
  }

  /** Records the product for the first `numRows` rows. */
  record(stepOffset: number, numRows: number): void {
    for (const variant of this.variants) {
      if (numRows > variant.maxRows) continue;
      const invocations = Math.ceil(numRows / variant.rows) * variant.columnInvocations;
      this.gpu.queue.dispatch(variant.kernel, this.group, stepOffset, invocations);
      return;
    }
  }
}
