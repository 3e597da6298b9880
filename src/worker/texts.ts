import type { TokenId } from "../vocabulary/events.js";
import type { Prompt } from "../vocabulary/prompt.js";
import type { OrdersApart, TextReading, TextTokens } from "../runtime/job.js";
import type { ModelRef } from "../runtime/model-ref.js";
import { call } from "./connection.js";

/** The tokens of a text as a loaded model reads it. */
export function tokenizeText(ref: ModelRef, text: string, how: TextReading): Promise<TextTokens> {
  return call((api) => api.tokenize(ref, text, how));
}

/** The text of a loaded model's ids. */
export function detokenizeIds(ref: ModelRef, ids: readonly TokenId[]): Promise<string> {
  return call((api) => api.detokenize(ref, ids));
}

/** How far two orders of a prompt are apart on a loaded model. */
export function ordersApart(ref: ModelRef, prompts: readonly [Prompt, Prompt]): Promise<OrdersApart> {
  return call((api) => api.ordersApart(ref, prompts));
}
