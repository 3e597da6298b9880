import type { AdapterFacts } from "../gpu/device.js";

/** Register tile of the matmul kernel: rows × columns an invocation, and invocations a workgroup. */
export interface MatmulTile {
  ROWS: number;
  COLUMNS: number;
  WORKGROUP_SIZE: number;
}

/** Tiles by number of rows, smallest first: the first whose `maxRows` is enough is taken. */
export type MatmulTiles = readonly { maxRows: number; tile: MatmulTile }[];

/**
 * For adapters that run on a CPU (SwiftShader, llvmpipe): large register tiles, tiny workgroups, and a tile for every
 * small number of rows, since a spare row costs as much as a real one.
 */
export const CPU_LIKE_TILES: MatmulTiles = [1, 2, 3, 4, 5, 6, 8].map((ROWS) => ({
  maxRows: ROWS < 8 ? ROWS : Number.POSITIVE_INFINITY,
  tile: { ROWS, COLUMNS: 8, WORKGROUP_SIZE: 4 },
}));

/** For real GPUs: more, smaller tiles, so that there are enough invocations to fill the device. */
export const GPU_LIKE_TILES: MatmulTiles = [
  { maxRows: 1, tile: { ROWS: 1, COLUMNS: 2, WORKGROUP_SIZE: 32 } },
  { maxRows: 4, tile: { ROWS: 4, COLUMNS: 2, WORKGROUP_SIZE: 32 } },
  { maxRows: Number.POSITIVE_INFINITY, tile: { ROWS: 8, COLUMNS: 2, WORKGROUP_SIZE: 32 } },
];

/** How kernels are built for one adapter. Every choice gives the same bits for a row, whatever the number of rows. */
export interface Variants {
  matmul: MatmulTiles;
  /** Keep 16-bit weights as they are (a GPU is bound by bandwidth) or widen them at load (a CPU by arithmetic). */
  widenWeights: boolean;
}

/** The choice for an adapter. */
export function variantsFor(facts: AdapterFacts): Variants {
  return facts.isSoftware
    ? { matmul: CPU_LIKE_TILES, widenWeights: true }
    : { matmul: GPU_LIKE_TILES, widenWeights: false };
}
