/** Bytes by class that a model takes on its device, with one text. */
export interface MemoryByClass {
  weights: number;
  /** Keys and values of one text, of as many tokens as the context has. */
  kv: number;
  /** What a forward works in: rows of activations, scores, and logits. */
  scratch: number;
  /** The largest tensor, which is on its way while the others are there already. */
  staging: number;
}

/** All of it, once the model is loaded and writes one text. */
export function heldBytes({ weights, kv, scratch }: MemoryByClass): number {
  return weights + kv + scratch;
}
