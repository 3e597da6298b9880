import { ceil4 } from "./op.js";
import type { Panel } from "./variants.js";

/**
 * A matrix `[N, K]` cut in panels of COLUMNS · LANES rows, each stored as `[K/4, COLUMNS, LANES]` groups of four: what the
 * lanes of a workgroup read at one time lies side by side, and a panel is read from start to end. Rows and K are padded by
 * zeros. `isGated`: the rows are N/2 of gate, then N/2 of up; a panel then holds COLUMNS/2 columns of each.
 */
export function packPanels<T extends Float32Array | Uint16Array>(
  values: T,
  { n, k }: { n: number; k: number },
  { COLUMNS, LANES }: Panel,
  isGated = false,
): T {
  const size = COLUMNS * LANES;
  const k4 = ceil4(k);
  const numGroups = isGated ? 2 : 1;
  const perGroup = n / numGroups;
  const span = size / numGroups;
  const numPanels = Math.ceil(perGroup / span);
  const Storage = values.constructor as new (length: number) => T;
  const out = new Storage(numPanels * size * k4 * 4);
  for (let row = 0; row < n; row++) {
    const group = Math.floor(row / perGroup);
    const index = row - group * perGroup;
    const panel = Math.floor(index / span);
    let at = (panel * k4 * size + group * span + (index % span)) * 4;
    const end = (row + 1) * k;
    for (let from = row * k; from < end; from += 4, at += size * 4) {
      for (let e = 0; e < 4 && from + e < end; e++) out[at + e] = values[from + e];
    }
  }
  return out;
}
