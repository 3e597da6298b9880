import type { Pending } from "../../seam/pending.js";
import type { Questions } from "../../seam/questions/index.js";
import type { Question } from "../../seam/questions/question.js";
import type { Rows } from "../../seam/rows.js";
import { ANSWERS } from "./answers/index.js";
import { HostRows } from "./host-rows.js";

/** Rows of a mock's last forward, which answer questions. */
export class MockRows extends HostRows implements Rows {
  ask<T>(question: Question<T>): Pending<T> {
    const answer = ANSWERS[question.kind as keyof Questions] as (rows: HostRows, question: Question<T>) => Pending<T>;
    return answer(this, question);
  }
}
