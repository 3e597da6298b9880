import { namedRounding, ROUNDINGS } from "../seam/rounding.js";
import type { ModelRef } from "./model-ref.js";

/** What a ref may ask for that WebGPU alone has. */
const FIELDS = ["debug", "tune", "memoryLimit"] as const;

/** What a ref asks for that WebGPU alone has, by name; null: nothing. */
export function onlyWebGpu(ref: ModelRef): string | null {
  const weights = namedRounding(ref.weights);
  const rounding = weights && ROUNDINGS[weights];
  if (rounding && (rounding.roundsRows || rounding.isHalf)) return `weights ${weights}`;
  if (ref.kvCache && ref.kvCache !== "f32") return `kvCache ${ref.kvCache}`;
  return FIELDS.find((name) => ref[name]) ?? null;
}
