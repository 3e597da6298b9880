import type { Pending } from "../../seam/pending.js";
import type { Question } from "../../seam/questions/question.js";
import type { Rows } from "../../seam/rows.js";
import type { RowsOrigin, RowsOwner } from "./host-rows.js";
import { AnsweringRows } from "./rows.js";

/** A session that is told what its rows are asked. */
interface Hearer extends RowsOwner {
  hears(name: string): void;
}

/** Rows of a mock's last forward, which tell it what they are asked. */
export class MockRows extends AnsweringRows {
  constructor(
    private readonly mock: Hearer,
    origin: RowsOrigin,
  ) {
    super(mock, origin);
  }

  override ask<T>(question: Question<T>): Pending<T> {
    this.mock.hears(question.kind);
    return super.ask(question);
  }

  override blend(other: Rows, share: number): void {
    this.mock.hears("blend");
    super.blend(other, share);
  }
}
