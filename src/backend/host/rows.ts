import type { Pending } from "../../seam/pending.js";
import type { Questions } from "../../seam/questions/index.js";
import type { Question } from "../../seam/questions/question.js";
import { ANSWERS } from "./answers/index.js";
import { HostRows, type RowsOnHost } from "./host-rows.js";

/** Rows of a forward that has run, which answer questions. */
export class AnsweringRows extends HostRows implements RowsOnHost {
  ask<T>(question: Question<T>): Pending<T> {
    const answer = ANSWERS[question.kind as keyof Questions] as (rows: HostRows, question: Question<T>) => Pending<T>;
    return answer(this, question);
  }
}
