import type { Architecture } from "../architecture/architecture.js";
import type { CacheFormat } from "../seam/cache-format.js";
import { heldBytes } from "../seam/memory.js";
import type { Rounding } from "../seam/rounding.js";
import { OutOfMemoryError } from "../vocabulary/errors.js";
import { estimateMemory, type MemoryPlan } from "./memory-estimate.js";

/** How a model was to be loaded, and the most bytes that it may take. */
export interface Choice {
  weights: Rounding | null;
  kvCache: CacheFormat;
  memoryLimit?: number;
  /** As of `MemoryPlan`. */
  widensF16: boolean;
}

/** The error of a model that doesn't fit, with the next smaller choice by name: of those that fit the limit the first, where there is one. */
export function withSmallerChoice(
  error: OutOfMemoryError,
  architecture: Architecture,
  { weights, kvCache, memoryLimit, widensF16 }: Choice,
): OutOfMemoryError {
  const context = architecture.maxLength;
  const bytesOf = (plan: Partial<MemoryPlan>) =>
    heldBytes(estimateMemory(architecture, { context, weights, kvCache, widensF16, ...plan }));
  const now = bytesOf({});
  const choices: [string, Partial<MemoryPlan>][] = [
    ['weights "q8"', { weights: "q8" }],
    ['weights "q4"', { weights: "q4" }],
    ['kvCache "f16"', { kvCache: "f16" }],
    ['kvCache "q8"', { kvCache: "q8" }],
    [`context ${Math.ceil(context / 2)}`, { context: Math.ceil(context / 2) }],
    ['weights "q4" and kvCache "q8"', { weights: "q4", kvCache: "q8" }],
  ];
  const smaller = choices
    .map(([name, plan]) => ({ name, bytes: bytesOf(plan) }))
    .filter(({ bytes }) => bytes < now)
    .sort((a, b) => b.bytes - a.bytes);
  const next = smaller.find(({ bytes }) => memoryLimit === undefined || bytes <= memoryLimit) ?? smaller.at(-1);
  if (!next) return error;
  const named = `By its shape it takes ${now} bytes with a text of ${context} tokens; ${next.name} takes ${next.bytes}.`;
  return new OutOfMemoryError(`${error.message} ${named}`);
}
