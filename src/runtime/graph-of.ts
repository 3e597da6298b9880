import { onnxFileOf } from "../format/onnx-file.js";
import type { ModelSource } from "../format/source.js";
import { checkCacheFormat } from "../seam/cache-format.js";
import { checkRounding, namedRounding, roundingOf } from "../seam/rounding.js";
import type { ModelRef } from "./model-ref.js";

/** The ONNX graph that has a model's weights, by its file: named by `dtype`, or all that its folder has; null: they are tensors. Reads no weights. */
export async function graphOf(source: ModelSource, { dtype, weights, kvCache }: ModelRef): Promise<string | null> {
  checkRounding(weights);
  checkCacheFormat(kvCache);
  const rounded = roundingOf(namedRounding(weights) ?? null).format;
  return (await onnxFileOf(source, { dtype, rounded }))?.path ?? null;
}
