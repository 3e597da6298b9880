import type { Chat } from "../vocabulary/chat.js";
import type { TokenId } from "../vocabulary/events.js";
import type { TextReading, TextTokens } from "../runtime/job.js";
import type { ModelRef } from "../runtime/model-ref.js";
import { call } from "./connection.js";

/** The tokens of a text or a chat as a loaded model reads it. */
export function tokenizeText(ref: ModelRef, text: string | Chat, how: TextReading): Promise<TextTokens> {
  return call((api) => api.tokenize(ref, text, how));
}

/** The text of a loaded model's ids. */
export function detokenizeIds(ref: ModelRef, ids: readonly TokenId[]): Promise<string> {
  return call((api) => api.detokenize(ref, ids));
}
