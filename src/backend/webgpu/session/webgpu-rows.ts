import type { Pending } from "../../../seam/pending.js";
import type { Questions } from "../../../seam/questions/index.js";
import type { Question } from "../../../seam/questions/question.js";
import type { Rows } from "../../../seam/rows.js";
import { ANSWERS } from "../answers/index.js";
import { ForwardRows } from "./forward-rows.js";

/** Logit rows of one forward on the GPU, which answer questions. */
export class WebGpuRows extends ForwardRows implements Rows {
  ask<T>(question: Question<T>): Pending<T> {
    const answer = ANSWERS[question.kind as keyof Questions] as (
      rows: ForwardRows,
      question: Question<T>,
    ) => Pending<T>;
    return answer(this, question);
  }
}
