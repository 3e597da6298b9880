import type { Panel } from "./variants.js";

/** Panels that hold `n` rows. */
function numPanels(n: number, { COLUMNS, LANES }: Panel): number {
  return Math.ceil(n / (LANES * COLUMNS));
}

/** Values that `packPanels` makes of a matrix, padding included; gated or not. */
export function panelsLength({ n, k }: { n: number; k: number }, panel: Panel, group = 4): number {
  return numPanels(n, panel) * panel.LANES * panel.COLUMNS * Math.ceil(k / group) * group;
}

/**
 * A matrix `[N, K]` cut in panels of LANES · COLUMNS rows, each stored as `[K/group, LANES, COLUMNS]` groups (of four
 * values, unless told otherwise): an invocation reads blocks of COLUMNS groups, the lanes of a workgroup read side by
 * side, and a panel is read from start to end. Row i of a panel is column i / LANES of lane i % LANES. Rows and K are
 * padded by zeros. `isGated`: the rows are N/2 of gate, then N/2 of up; a block then holds COLUMNS/2 columns of each.
 */
export function packPanels<T extends Float32Array | Uint16Array | Uint8Array>(
  values: T,
  { n, k }: { n: number; k: number },
  { COLUMNS, LANES }: Panel,
  isGated = false,
  group = 4,
): T {
  const size = LANES * COLUMNS;
  const numGroups = Math.ceil(k / group);
  const numParts = isGated ? 2 : 1;
  const perPart = n / numParts;
  const span = size / numParts;
  const Storage = values.constructor as new (length: number) => T;
  const out = new Storage(panelsLength({ n, k }, { COLUMNS, LANES }, group));
  for (let row = 0; row < n; row++) {
    const part = Math.floor(row / perPart);
    const index = row - part * perPart;
    const panel = Math.floor(index / span);
    const column = part * (COLUMNS / numParts) + Math.floor((index % span) / LANES);
    let at = (panel * numGroups * size + (index % LANES) * COLUMNS + column) * group;
    const end = (row + 1) * k;
    for (let from = row * k; from < end; from += group, at += size * group) {
      for (let e = 0; e < group && from + e < end; e++) out[at + e] = values[from + e];
    }
  }
  return out;
}
