import { REQUESTS } from "../../../seam/asks.js";
import type { Answers } from "../../../seam/questions/index.js";
import type { ForwardRows } from "../session/forward-rows.js";
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

/** How a WebGPU device answers each question. */
export const ANSWERS: Answers<ForwardRows> = {
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

/** What sessions on WebGPU answer, by name, but for what stands beside them. */
export const ANSWERED: readonly string[] = [...Object.keys(ANSWERS), ...REQUESTS];
