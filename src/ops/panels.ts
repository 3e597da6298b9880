import { ceil4 } from "./op.js";
import type { Panel } from "./variants.js";

/** Values that `packPanels` makes of a matrix, padding included; gated or not. */
export function panelsLength({ n, k }: { n: number; k: number }, { COLUMNS, LANES }: Panel): number {
  const size = LANES * COLUMNS;
  return Math.ceil(n / size) * size * ceil4(k) * 4;
}

/**
 * A matrix `[N, K]` cut in panels of LANES · COLUMNS rows, each stored as `[K/4, LANES, COLUMNS]` groups of four: an
 * invocation reads blocks of COLUMNS groups, the lanes of a workgroup read side by side, and a panel is read from start to
 * end. Row i of a panel is column i / LANES of lane i % LANES. Rows and K are padded by zeros. `isGated`: the rows are N/2
 * of gate, then N/2 of up; a block then holds COLUMNS/2 columns of each.
 */
export function packPanels<T extends Float32Array | Uint16Array>(
  values: T,
  { n, k }: { n: number; k: number },
  { COLUMNS, LANES }: Panel,
  isGated = false,
): T {
  const size = LANES * COLUMNS;
  const k4 = ceil4(k);
  const numGroups = isGated ? 2 : 1;
  const perGroup = n / numGroups;
  const span = size / numGroups;
  const Storage = values.constructor as new (length: number) => T;
  const out = new Storage(panelsLength({ n, k }, { COLUMNS, LANES }));
  for (let row = 0; row < n; row++) {
    const group = Math.floor(row / perGroup);
    const index = row - group * perGroup;
    const panel = Math.floor(index / span);
    const column = group * (COLUMNS / numGroups) + Math.floor((index % span) / LANES);
    let at = (panel * k4 * size + (index % LANES) * COLUMNS + column) * 4;
    const end = (row + 1) * k;
    for (let from = row * k; from < end; from += 4, at += size * 4) {
      for (let e = 0; e < 4 && from + e < end; e++) out[at + e] = values[from + e];
    }
  }
  return out;
}
