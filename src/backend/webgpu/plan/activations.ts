import type { Architecture } from "../../../architecture/architecture.js";
import type { Arena } from "../gpu/arena.js";
import { type AttentionShape, workLength } from "../ops/attention.js";
import { roundedBytes, squareParts } from "../ops/linear.js";
import { ceil4 } from "../ops/op.js";
import type { Panel } from "../ops/variants.js";
import type { Activations } from "./layer.js";

/** Numbers from a row to the next, of each kind of row that a forward has. */
export interface Strides {
  hidden: number;
  qkv: number;
  attended: number;
  inner: number;
}

/** Strides of a model's rows: padded to a multiple of four, but for those that heads are cut from. */
export function stridesOf(a: Architecture): Strides {
  return {
    hidden: ceil4(a.hiddenSize) * 4,
    qkv: (a.numHeads + 2 * a.numKeyValueHeads) * a.headDim,
    attended: ceil4(a.numHeads * a.headDim) * 4,
    inner: ceil4(a.intermediateSize) * 4,
  };
}

/** What a model's attention layers have in common. */
export function attentionShape({ numHeads, numKeyValueHeads, headDim }: Architecture): AttentionShape {
  return { numHeads, numKeyValueHeads, headDim, scale: 1, window: null };
}

/** The buffers of a model's forwards. */
export function makeActivations(
  arena: Arena,
  a: Architecture,
  { maxRows, context, panel, roundsRows }: { maxRows: number; context: number; panel: Panel; roundsRows: boolean },
): Activations {
  const strides = stridesOf(a);
  const rows = (label: string, width: number) => arena.storage(label, maxRows * width * 4);
  const widest = Math.max(strides.hidden, strides.attended, strides.inner);
  const scaledBytes = maxRows * strides.hidden * 4;
  const squaresAt = Math.ceil(scaledBytes / 256) * 256;
  const squaresBytes = maxRows * squareParts(a.hiddenSize, panel) * 4;
  const fed = arena.storage("scaled rows and squares", squaresAt + squaresBytes);
  return {
    x: rows("residual stream", strides.hidden),
    scaled: { buffer: fed, offset: 0, size: scaledBytes },
    squares: { buffer: fed, offset: squaresAt, size: squaresBytes },
    qkv: rows("projected qkv", strides.qkv),
    attended: rows("attended", strides.attended),
    hidden: rows("feed-forward", strides.inner),
    rounded: roundsRows ? arena.storage("rounded rows", roundedBytes(maxRows * widest * 4)) : undefined,
    work: arena.storage("attention scratch", workLength(attentionShape(a), maxRows, context) * 4),
  };
}
