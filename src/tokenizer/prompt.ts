import { InvalidOptionError } from "../errors.js";
import type { TokenId } from "../events.js";
import { hasHoles, splitHoles } from "../holes.js";
import type { Tokenizer } from "./tokenizer.js";

/** No context is longer. */
const MAX_HOLE = 1_000_000;

/**
 * The ids of a prompt; ids stay as they are. `isInfill`: a text's holes become so many mask ids each.
 * Throws `InvalidOptionError` for a hole of no tokens, and for one that isn't to be filled.
 */
export function readPrompt(
  tokenizer: Tokenizer,
  prompt: string | readonly TokenId[],
  { isInfill, maskToken }: { isInfill: boolean; maskToken: TokenId | null },
): readonly TokenId[] {
  if (typeof prompt !== "string") return prompt;
  // To a model without a mask token it is text; the decoder says whether it needs one.
  if (maskToken === null) return tokenizer.promptIds(prompt);
  if (!isInfill) {
    if (!hasHoles(prompt)) return tokenizer.promptIds(prompt);
    throw new InvalidOptionError("The prompt has a hole, <mask:…>: give infill to have it filled in, or leave it out.");
  }
  const { before, holes } = splitHoles(prompt);
  const ids = tokenizer.promptIds(before);
  for (const { length, behind } of holes) {
    if (length < 1 || length > MAX_HOLE) {
      throw new InvalidOptionError(`A hole can't have ${length} tokens: give a number from 1 up, as in <mask:8>.`);
    }
    for (let i = 0; i < length; i++) ids.push(maskToken);
    for (const id of tokenizer.encode(behind)) ids.push(id);
  }
  return ids;
}
