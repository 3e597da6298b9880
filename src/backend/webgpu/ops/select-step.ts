import type { GpuQueue } from "../gpu/queue.js";

/** The fields of `Step` in `select_step.wgsl`, in its order. */
export const STEP_FIELDS = [
  "numRows",
  "rowsList",
  "result",
  "chunk",
  "numChunks",
  "vocab",
  "fillsNext",
  "draw",
  "seed",
  "inverseTemperature",
  "penalty",
  "topK",
  "topP",
  "logMinP",
  "maskToken",
  "quota",
  "logThreshold",
  "order",
  "parents",
  "session",
  "k",
  "purpose",
  "depth",
  "lawRow",
  "threshold",
  "alpha",
  "decay",
  "power",
  "weight",
  "width",
] as const;

/** Words of a selection's step block, floats as their bits; what is left out is 0. */
export type SelectStep = Partial<Record<(typeof STEP_FIELDS)[number], number>>;

const WORDS = new Array<number>(STEP_FIELDS.length).fill(0);

/** Writes the step block of a selection kernel and returns its offset. */
export function selectStep(queue: GpuQueue, fields: SelectStep): number {
  for (let i = 0; i < STEP_FIELDS.length; i++) WORDS[i] = fields[STEP_FIELDS[i]] ?? 0;
  return queue.step(WORDS);
}
