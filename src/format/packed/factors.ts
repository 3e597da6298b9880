import { widen } from "../widen.js";
import type { Shards } from "../shards.js";
import type { Factors } from "./byte-weights.js";
import type { Packing } from "./packing.js";

/** How a weight's factors are read; null: it has none. Throws `ModelLoadError` for factors of another shape than one, one a row, or one a block. */
export function factorsOf(
  name: string,
  shape: readonly number[],
  shards: Shards,
  packing: Packing,
): ((signal?: AbortSignal) => Promise<Factors>) | null {
  const own = [`${name}_scale`, `${name}_scale_inv`].find((one) => shards.tensors.has(one));
  if (own === undefined) return null;
  const stored = shards.tensors.get(own)?.shape ?? [];
  const [n = 1, k = 1] = shape;
  const [blockRows, blockColumns] = packing.blockSize;
  const width = Math.ceil(k / blockColumns);
  const numFactors = stored.reduce((product, size) => product * size, 1);
  const isByBlocks = stored.length === 2 && stored[0] === Math.ceil(n / blockRows) && stored[1] === width;
  let place: Omit<Factors, "values">;
  if (numFactors === 1) place = { rows: n, columns: k, width: 1 };
  else if (numFactors === n && stored[0] === n) place = { rows: 1, columns: k, width: 1 };
  else if (isByBlocks) place = { rows: blockRows, columns: blockColumns, width };
  else {
    throw packing.refused(
      `${own} has shape [${stored.join(", ")}] for a weight of shape [${shape.join(", ")}]`,
      `one factor, one a row, or one for each ${blockRows} by ${blockColumns}`,
    );
  }
  let values: Float32Array | null = null;
  return async (signal) => {
    values ??= widen(await shards.read(own, undefined, signal));
    return { ...place, values };
  };
}
