import { decodeBytes } from "../decode/engine/pieces.js";
import { promptCanvas } from "../decode/engine/prompt-canvas.js";
import { lawAt } from "../decode/likelihood/law-at.js";
import { loadDecoder } from "../decode/load-decoder.js";
import type { OptionValues } from "../decode/options.js";
import { readPrompt } from "../tokenizer/prompt.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { isChat } from "../vocabulary/chat.js";
import type { SetRows } from "../vocabulary/prompt.js";
import type { Devices } from "./devices.js";
import type { LawQuestion, TokenLaw } from "./job.js";
import type { ModelRef } from "./model-ref.js";

/** Entropy and the likeliest tokens at a place of a text that a loaded model wrote, in turn with the runs; gives up when `signal` aborts. */
export function lawOfToken(
  devices: Pick<Devices, "use">,
  ref: ModelRef,
  question: LawQuestion,
  signal: AbortSignal,
): Promise<TokenLaw> {
  return devices.use(ref, async ({ model, tokenizer }, inTurn) => {
    const decoder = await loadDecoder(question.decoder);
    const sets = decoder.readsSets && tokenizer ? setsOf(tokenizer, question.prompt) : [];
    const run = { decoder, options: question.options as OptionValues, sets };
    const { before, step, slot } = question;
    const { top, ...law } = await inTurn(async (breathe) => {
      await breathe();
      signal.throwIfAborted();
      return lawAt(model, run, { before, step, slot });
    });
    return { ...law, top: top.map((one) => ({ ...one, text: tokenizer ? shownText(tokenizer, one.token) : "" })) };
  });
}

/** Of the prompt as its run read it: each set's segments in their canonical order. */
function setsOf(tokenizer: Tokenizer, prompt: LawQuestion["prompt"]): readonly SetRows[] {
  if (isChat(prompt)) return [];
  const { ids, sets } = readPrompt(tokenizer, prompt, { isInfill: false, maskToken: null, readsSets: true });
  return promptCanvas(ids, null, sets).sets;
}

/** A token by itself: a special one as it is called, a part of a character as U+FFFD. */
function shownText(tokenizer: Tokenizer, token: number): string {
  return tokenizer.isSpecial(token)
    ? tokenizer.decode([token], { skipSpecial: false })
    : decodeBytes(tokenizer.bytes(token));
}
