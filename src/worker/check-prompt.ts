import { isChat } from "../vocabulary/chat.js";
import { InvalidOptionError } from "../vocabulary/errors.js";

/** Refuses what is neither a text, nor a list of token ids, texts and sets, nor a chat. What a chat holds is for the runtime to check. */
export function checkPrompt(prompt: unknown): void {
  if (typeof prompt === "string" || (isChat(prompt) && !Array.isArray(prompt))) return;
  const items: unknown[] | null =
    Array.isArray(prompt) || ArrayBuffer.isView(prompt) ? Array.from(prompt as never[]) : null;
  // Several texts without a set are as good as a batch of prompts, which this isn't.
  const mayHoldTexts = items !== null && (items.length === 1 || items.some(isSet));
  const isItem = (item: unknown) =>
    typeof item === "number" || isSet(item) || (mayHoldTexts && typeof item === "string");
  const at = items?.findIndex((item) => !isItem(item));
  if (at === -1) return;
  const odd = items && at !== undefined ? items[at] : prompt;
  const isMessage = typeof odd === "object" && odd !== null && "role" in odd;
  const given = isMessage
    ? "bare messages: give them as { messages: [...] }"
    : `${items ? "a list with " : ""}${odd === null ? "null" : typeof odd}`;
  throw new InvalidOptionError(
    `A prompt is a text, a list of token ids, texts and sets ({ set: [one, another] }), or a chat ({ messages: [...] }), not ${given}.`,
    "bad_prompt",
  );
}

function isSet(item: unknown): boolean {
  if (typeof item !== "object" || item === null || !("set" in item) || !Array.isArray(item.set)) return false;
  const isId = (id: unknown) => typeof id === "number";
  return item.set.every((one) => typeof one === "string" || (Array.isArray(one) && one.every(isId)));
}
