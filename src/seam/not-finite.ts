import { NotFiniteError } from "../vocabulary/errors.js";

/** The error for a model whose logits aren't finite. `place`: where its numbers cease to be, if that is known. */
export function notFinite(model: string, place?: string): NotFiniteError {
  const where = place ? `: they cease to be in ${place}` : "; on device webgpu, debug (--debug) tells in which layer";
  return new NotFiniteError(
    `The logits of ${model} aren't finite (NaN or infinity)${where}. Its weights are damaged, or too large for 32-bit floats: take another copy.`,
  );
}
