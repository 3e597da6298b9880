import type { Pending } from "../pending.js";
import type { Contrast } from "./contrast.js";
import type { Draft } from "./draft.js";
import type { Judge } from "./judge.js";
import type { Measure } from "./measure.js";
import type { AnswerTo } from "./question.js";
import type { Race } from "./race.js";
import type { Resist } from "./resist.js";
import type { Sample } from "./sample.js";
import type { TopK } from "./top-k.js";
import type { Unmask } from "./unmask.js";
import type { Verify } from "./verify.js";

/** Every question by its kind. */
export interface Questions {
  sample: Sample;
  topK: TopK;
  race: Race;
  resist: Resist;
  measure: Measure;
  unmask: Unmask;
  verify: Verify;
  draft: Draft;
  judge: Judge;
  contrast: Contrast;
}

/** How a backend answers each of them about its rows. */
export type Answers<R> = {
  [K in keyof Questions]: (rows: R, question: Questions[K]) => Pending<AnswerTo<Questions[K]>>;
};
