import type { Architecture } from "../architecture/architecture.js";
import { type TensorSpec, tensorNames } from "../architecture/tensors.js";
import { attentionShape, stridesOf } from "../backend/webgpu/plan/activations.js";
import { workLength } from "../backend/webgpu/ops/attention.js";
import { cachedHead } from "../backend/webgpu/ops/cache.js";
import { BLOCK } from "../format/quantize.js";
import type { CacheFormat } from "../seam/cache-format.js";
import type { MemoryByClass } from "../seam/memory.js";
import { MAX_SELECT_ROWS, mostRows } from "../seam/row-limits.js";
import { type Rounding, roundingOf } from "../seam/rounding.js";

/** How a model is to be loaded. */
export interface MemoryPlan {
  context: number;
  /** Default: as stored. */
  weights?: Rounding | null;
  kvCache?: CacheFormat;
  /** Numbers of 16 bits are widened, as on adapters without `shader-f16`. Default: false. */
  widensF16?: boolean;
}

/** Bytes that a model of this architecture will take, before anything of it is fetched: by its shape alone. */
export function estimateMemory(
  architecture: Architecture,
  { context, weights: rounding = null, kvCache = "f32", widensF16 = false }: MemoryPlan,
): MemoryByClass {
  const { numKeyValueHeads, headDim, vocabSize, layers } = architecture;
  const { format } = roundingOf(rounding);
  const stored = architecture.dtype === undefined || architecture.dtype === "F32" ? 4 : 2;
  const plain = architecture.dtype === "F16" && widensF16 ? 4 : stored;
  const sizes = tensorNames(architecture).map((spec) => {
    const [, width] = spec.shape;
    const count = countOf(spec);
    // Vectors and learned positions are widened; rows that aren't whole blocks stay as they are.
    if (spec.shape.length === 1 || spec.name.startsWith("model.embed_positions"))
      return { onDevice: 4 * count, inFile: stored * count };
    const isRounded = format !== null && width % BLOCK === 0;
    const codes = format === "q8" || isEnd(spec) ? 1 : 0.5;
    return { onDevice: isRounded ? count * (codes + 4 / BLOCK) : count * plain, inFile: stored * count };
  });
  const maxRows = mostRows(architecture, context);
  const { hidden, qkv, attended, inner } = stridesOf(architecture);
  const rows = 4 * maxRows * (2 * hidden + qkv + attended + inner);
  const logits = 4 * vocabSize * Math.min(MAX_SELECT_ROWS, maxRows);
  const { cells, cellBytes } = cachedHead(kvCache, headDim);
  return {
    weights: Math.round(sizes.reduce((sum, { onDevice }) => sum + onDevice, 0)),
    kv: 2 * layers.length * numKeyValueHeads * cells * cellBytes * context,
    scratch: rows + 4 * workLength(attentionShape(architecture), maxRows, context) + logits,
    staging: Math.max(...sizes.map(({ inFile }) => inFile)),
  };
}

/** Numbers of a model's weights. */
export function numParametersOf(architecture: Architecture): number {
  return tensorNames(architecture).reduce((sum, spec) => sum + countOf(spec), 0);
}

function countOf({ shape }: TensorSpec): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether it is one of a model's two ends, for which four bits are too few. */
function isEnd({ name }: TensorSpec): boolean {
  return name.startsWith("model.embed_tokens") || name.startsWith("lm_head");
}
