import type { LawQuestion, TokenLaw } from "../runtime/job.js";
import type { ModelRef } from "../runtime/model-ref.js";
import { callOverPort } from "./connection.js";

/** Entropy and the likeliest tokens at a place of a text that a loaded model wrote, once no run needs the device; gives up when `signal` aborts. */
export function lawOf(ref: ModelRef, question: LawQuestion, signal: AbortSignal): Promise<TokenLaw> {
  return callOverPort<never, TokenLaw>(
    (api, port) => api.lawOf(ref, question, port),
    () => {},
    signal,
  );
}
