import { NotFiniteError } from "../vocabulary/errors.js";

/** The error for a model whose logits aren't finite. `place`: where its numbers cease to be, if that is known. */
export function notFinite(model: string, place?: string): NotFiniteError {
  const where = place ? `: they cease to be in ${place}` : "; on device webgpu, debug (--debug) tells in which layer";
  return errorOf(model, where, "take another copy");
}

/** The same for a graph that somebody has exported, whose layers nobody can look behind. */
export function notFiniteGraph(model: string): NotFiniteError {
  return errorOf(model, "", "take another of the folder's ONNX files with dtype, or another copy");
}

function errorOf(model: string, where: string, whatToDo: string): NotFiniteError {
  return new NotFiniteError(
    `The logits of ${model} aren't finite (NaN or infinity)${where}. Its weights are damaged, or too large for its numbers: ${whatToDo}.`,
  );
}
