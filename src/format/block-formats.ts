import type { BlockShape, Quantized, QuantFormat } from "./quantize.js";
import type { BlockDtype, Dtype } from "./tensor.js";

/** How kernels hold blocks of weights. */
export interface BlockStorage extends BlockShape {
  format: QuantFormat;
}

/** What is known of the formats in which weights share a scale. */
export interface BlockFormats {
  /** Whole blocks as f32, bit for bit as ggml defines them. */
  widen(dtype: BlockDtype, bytes: Uint8Array): Float32Array<ArrayBuffer>;
  /** The kernels' format that holds all of these without rounding, in 8 bits where it `isWide`; null: one of them isn't of blocks. */
  storage(dtypes: readonly Dtype[], isWide?: boolean): BlockStorage | null;
  /** Blocks as kernels hold them: no number changes. `storage`: what this format, maybe with others, is held in. */
  codes(dtype: BlockDtype, bytes: Uint8Array, storage: BlockStorage): Quantized;
}

/**
 * Where what is known lies: not in this module, since a page's part on ONNX Runtime is a bundle of its own, with a copy of it, and reads files that
 * the worker has opened.
 */
const KNOWN = Symbol.for("triptych-lm/block-formats/1");
const place = globalThis as { [KNOWN]?: BlockFormats };

/** Says what is known: done by whoever opens files that may have blocks, so that nobody else fetches it. */
export function setBlockFormats(known: BlockFormats): void {
  place[KNOWN] = known;
}

/** What is known of blocks; null: no file that may have some was opened. */
export function blockFormats(): BlockFormats | null {
  return place[KNOWN] ?? null;
}
