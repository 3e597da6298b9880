import { REQUESTS } from "../../../seam/asks.js";
import type { Answers } from "../../../seam/questions/index.js";
import type { HostRows } from "../host-rows.js";
import { contrast } from "./contrast.js";
import { draft } from "./draft.js";
import { judge } from "./judge.js";
import { measure } from "./measure.js";
import { race } from "./race.js";
import { resist } from "./resist.js";
import { sample } from "./sample.js";
import { topK } from "./top-k.js";
import { unmask } from "./unmask.js";
import { verify } from "./verify.js";

/** How each question is answered from laws in float64: the oracle of every other backend's answers. */
export const ANSWERS: Answers<HostRows> = {
  sample,
  topK,
  race,
  resist,
  measure,
  unmask,
  verify,
  draft,
  judge,
  contrast,
};

/** What sessions answer, by name, whose questions the CPU answers, whose forwards take any request, and that have these parts beside them. */
export function answersWith(parts: readonly { readonly extension: string }[]): string[] {
  return [...Object.keys(ANSWERS), ...REQUESTS, ...parts.map(({ extension }) => extension)];
}
