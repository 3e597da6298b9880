import { invariant } from "../../vocabulary/errors.js";
import type { Tensor, Weights } from "../../format/tensor.js";

/** Bytes that a model refers to by name instead of holding them. */
export interface ExternalFile {
  path: string;
  data: Uint8Array;
}

/** Bytes that are made of a tensor, once it has been read. */
export interface Made {
  tensor: string;
  make(tensor: Tensor): Uint8Array;
}

/** A file of a model whose bytes are there, or are to be made. */
export interface WeightFile {
  path: string;
  data: Uint8Array | Made;
}

/**
 * The files of a model with their bytes: tensors are read one after the other in the order in which their files hold them, and let go once
 * their bytes are made. Throws the signal's reason.
 */
export async function fillFiles(
  files: readonly WeightFile[],
  weights: Weights,
  signal?: AbortSignal,
): Promise<ExternalFile[]> {
  const filled: ExternalFile[] = [];
  const waiting = new Map<string, { path: string; make: Made["make"] }[]>();
  for (const { path, data } of files) {
    if (data instanceof Uint8Array) filled.push({ path, data });
    else waiting.set(data.tensor, [...(waiting.get(data.tensor) ?? []), { path, make: data.make }]);
  }
  for (const name of waiting.keys()) invariant(weights.tensors.has(name), `tensor ${name} was not checked`);
  for (const name of weights.tensors.keys()) {
    const made = waiting.get(name);
    if (!made) continue;
    const tensor = await weights.read(name, undefined, signal);
    signal?.throwIfAborted();
    for (const { path, make } of made) filled.push({ path, data: make(tensor) });
  }
  return filled;
}
