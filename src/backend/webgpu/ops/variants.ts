import { type AdapterFacts, coreLanes } from "../gpu/device.js";

/** How weights are laid out (see `packPanels`). */
export interface Panel {
  /** Columns of a block: what a register tile takes. */
  COLUMNS: number;
  /** Invocations of a workgroup. */
  LANES: number;
}

/** A matmul kernel that takes so many rows at once. */
export interface Tile {
  rows: number;
  /** Its time, in times of the tile of one row: measured, or guessed for adapters that we never ran on. */
  cost: number;
  /** Stages x and w in workgroup memory (`matmul_staged`; 32 rows, panels of 32 lanes and two columns). */
  isStaged?: boolean;
}

/** Matmul kernels that read one layout and give the same bits for a row, whatever the number of rows. */
export interface MatmulFamily {
  panel: Panel;
  /** By rows, ascending, from 1. One of them repeats until all rows are done. */
  tiles: readonly Tile[];
  /**
   * Invocations that share the terms of a sum, a power of two: their parts are merged in a tree, through a subgroup that
   * holds them or through workgroup memory, with the same additions. 1: an invocation has its sums to itself.
   */
  termLanes: number;
}

/**
 * For adapters that run on a CPU, with vectors of four floats (SwiftShader): large register tiles, tiny workgroups, and a tile for every
 * small number of rows, since a spare row costs nearly as much as a real one. Costs: `story-ar`'s matrices on SwiftShader.
 */
export const CPU_LIKE: MatmulFamily = {
  panel: { COLUMNS: 8, LANES: 4 },
  tiles: [
    { rows: 1, cost: 1 },
    { rows: 2, cost: 1.3 },
    { rows: 3, cost: 1.6 },
    { rows: 4, cost: 1.85 },
    { rows: 5, cost: 2 },
    { rows: 6, cost: 2.15 },
    { rows: 7, cost: 2.3 },
    { rows: 8, cost: 2.45 },
    { rows: 10, cost: 2.8 },
  ],
  termLanes: 1,
};

/** For a CPU with vectors of eight floats (llvmpipe). */
const CPU_LIKE_8: MatmulFamily = { ...CPU_LIKE, panel: { COLUMNS: 8, LANES: 8 } };

/** For real GPUs, bound by the bytes of the weights: smaller tiles, so that there are enough invocations to fill the device. */
export const GPU_LIKE: MatmulFamily = {
  panel: { COLUMNS: 2, LANES: 32 },
  tiles: [
    { rows: 1, cost: 1 },
    { rows: 2, cost: 1.05 },
    { rows: 4, cost: 1.1 },
    { rows: 8, cost: 1.3 },
    { rows: 16, cost: 1.7 },
    { rows: 32, cost: 2.2, isStaged: true },
  ],
  termLanes: 1,
};

/**
 * For real GPUs and matrices too small to fill them with an invocation for every two columns: the terms of a sum are
 * shared. Lanes read a row's blocks side by side, and a weight that was read serves all rows of the tile.
 */
const GPU_SPLIT: MatmulFamily = {
  panel: { COLUMNS: 4, LANES: 1 },
  tiles: [
    { rows: 1, cost: 1 },
    { rows: 2, cost: 1.05 },
    { rows: 4, cost: 1.15 },
    { rows: 8, cost: 1.4 },
    { rows: 16, cost: 2 },
  ],
  termLanes: 32,
};

/** Numbers of rows for which `cheapestTiles` decides. */
const MAX_DECIDED_ROWS = 64;

/** Time of so many rows in tiles of this one, in tiles of one row. */
export function costOf({ rows, cost }: Pick<Tile, "rows" | "cost">, numRows: number): number {
  return Math.ceil(numRows / rows) * cost;
}

/** For each number of rows up to 64, the index of the tile that does them in the least time; more rows take the last entry. */
export function cheapestTiles(tiles: readonly Tile[]): Uint8Array {
  const choice = new Uint8Array(MAX_DECIDED_ROWS + 1);
  for (let numRows = 1; numRows <= MAX_DECIDED_ROWS; numRows++) {
    for (let i = 1; i < tiles.length; i++) {
      if (costOf(tiles[i], numRows) < costOf(tiles[choice[numRows]], numRows)) choice[numRows] = i;
    }
  }
  return choice;
}

/** The name of a family. */
export type MatmulFamilyName = "cpu-like" | "cpu-like-8" | "gpu-like" | "gpu-split-32" | "gpu-split-8";

/** Every family by name: each is an invariance class, so a session uses one of them for every number of rows. */
export const MATMUL_FAMILIES: Readonly<Record<MatmulFamilyName, MatmulFamily>> = {
  "cpu-like": CPU_LIKE,
  "cpu-like-8": CPU_LIKE_8,
  "gpu-like": GPU_LIKE,
  "gpu-split-32": GPU_SPLIT,
  "gpu-split-8": { ...GPU_SPLIT, termLanes: 8 },
};

/**
 * The families worth trying on an adapter, what it gets untried first. A software adapter has one, by its lanes: there the
 * others are slower by multiples, and compiling them costs more than a choice could save. One that isn't known as a CPU may
 * still be one, so `cpu-like` is tried on all others.
 */
export function familiesFor(facts: AdapterFacts): [MatmulFamilyName, ...MatmulFamilyName[]] {
  if (facts.isSoftware) return [coreLanes(facts) === 8 ? "cpu-like-8" : "cpu-like"];
  // Subgroups of Intel's may be as small as 8 lanes.
  return facts.vendor === "intel"
    ? ["gpu-like", "gpu-split-8", "gpu-split-32", "cpu-like"]
    : ["gpu-like", "gpu-split-32", "gpu-split-8", "cpu-like"];
}

/** How kernels are built for one adapter. */
export interface Variants {
  /** Which family `matmul` is. */
  family: MatmulFamilyName;
  matmul: MatmulFamily;
  /** Widen f16 weights at load, where decoding them takes longer than reading. bf16 is a mask and a product away from f32, and kept everywhere. */
  widensF16: boolean;
}

/** The choice for an adapter; a family by name where it was tuned. */
export function variantsFor(facts: AdapterFacts, family: MatmulFamilyName = familiesFor(facts)[0]): Variants {
  // A GPU is bound by bandwidth, and so is a CPU that decodes eight values at once.
  const widensF16 = facts.isSoftware && coreLanes(facts) < 8;
  return { family, matmul: MATMUL_FAMILIES[family], widensF16 };
}
