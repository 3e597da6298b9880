import type { AdapterFacts } from "../gpu/device.js";

/** How weights are laid out (see `packPanels`). */
export interface Panel {
  /** Columns of a block: what a register tile takes. */
  COLUMNS: number;
  /** Invocations of a workgroup. */
  LANES: number;
}

/** Matmul kernels that read one layout and give the same bits for a row, whatever the number of rows. */
export interface MatmulFamily {
  panel: Panel;
  /** Rows of the register tiles, ascending: the first that holds all rows is taken, the last one repeats. */
  tileRows: readonly number[];
  /** Panels that a workgroup takes for one row, where the matrix has at least `minColumnsToJoin` columns. */
  panelsOfOneRow: number;
  /** Below it every core should get some. */
  minColumnsToJoin: number;
}

/**
 * For adapters that run on a CPU (SwiftShader, llvmpipe): large register tiles, tiny workgroups, and a tile for every
 * small number of rows, since a spare row costs as much as a real one.
 */
export const CPU_LIKE: MatmulFamily = {
  panel: { COLUMNS: 8, LANES: 4 },
  tileRows: [1, 2, 3, 4, 5, 6, 8],
  panelsOfOneRow: 2,
  minColumnsToJoin: 512,
};

/** For real GPUs: more, smaller tiles, so that there are enough invocations to fill the device. */
export const GPU_LIKE: MatmulFamily = {
  panel: { COLUMNS: 2, LANES: 32 },
  tileRows: [1, 4, 8],
  panelsOfOneRow: 1,
  minColumnsToJoin: 512,
};

/** Every family by name: each is an invariance class, so a session uses one of them for every number of rows. */
export const MATMUL_FAMILIES: Readonly<Record<string, MatmulFamily>> = {
  "cpu-like": CPU_LIKE,
  "gpu-like": GPU_LIKE,
};

/** How kernels are built for one adapter. */
export interface Variants {
  matmul: MatmulFamily;
  /** Keep 16-bit weights as they are (a GPU is bound by bandwidth) or widen them at load (a CPU by arithmetic). */
  widenWeights: boolean;
}

/** The choice for an adapter. */
export function variantsFor(facts: AdapterFacts): Variants {
  return facts.isSoftware ? { matmul: CPU_LIKE, widenWeights: true } : { matmul: GPU_LIKE, widenWeights: false };
}
