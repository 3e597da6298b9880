/** What is asked of a forward's rows: data, of one kind. `T` is what it is answered with. */
export interface Question<T> {
  readonly kind: string;
  /** Never there: it ties the question's type to its answer's. */
  readonly answer?: T;
}

/** What a question is answered with. */
export type AnswerTo<Q> = Q extends Question<infer T> ? T : never;
