import { InvalidOptionError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import { firstHole, hasHoles, splitHoles } from "../vocabulary/holes.js";
import type { Tokenizer } from "./tokenizer.js";

/** No context is longer. */
const MAX_HOLE = 1_000_000;

/** How a prompt is read. */
export interface PromptReading {
  /** The prompt's holes are to be filled in. */
  isInfill: boolean;
  /** The model's mask token. */
  maskToken: TokenId | null;
  /** The decoder that is to write, where one is known: can it fill holes? */
  decoder?: { name: string; canInfill: boolean };
  /** The model's longest sequence; a hole can't be longer. */
  maxLength?: number;
}

/**
 * The ids of a prompt; ids stay as they are. `isInfill`: a text's holes become so many mask ids each.
 * Throws `InvalidOptionError` for a hole of no tokens or too many, and for one that isn't to be filled.
 */
export function readPrompt(
  tokenizer: Tokenizer,
  prompt: string | readonly TokenId[],
  { isInfill, maskToken, decoder, maxLength = Number.MAX_SAFE_INTEGER }: PromptReading,
): readonly TokenId[] {
  if (typeof prompt !== "string") return prompt;
  if (!isInfill && (decoder || maskToken !== null) && hasHoles(prompt)) {
    const hole = `The prompt has a hole, ${firstHole(prompt)}`;
    if (!decoder || decoder.canInfill) {
      throw new InvalidOptionError(`${hole}: give infill to have it filled in, or leave it out.`);
    }
    throw new InvalidOptionError(
      `${hole}, which ${decoder.name} can't fill: choose a decoder with the option infill, as block-diffusion, or leave it out.`,
      "no_infill",
    );
  }
  // To a model without a mask token a hole is text; the decoder says whether it needs one.
  if (!isInfill || maskToken === null) return tokenizer.promptIds(prompt);
  const { before, holes } = splitHoles(prompt);
  const ids = tokenizer.promptIds(before);
  for (const { length, behind } of holes) {
    const most = Math.min(maxLength, MAX_HOLE);
    if (length < 1 || length > most) {
      const range = maxLength <= MAX_HOLE ? `from 1 to ${maxLength}, the model's context,` : "from 1 up,";
      throw new InvalidOptionError(`A hole can't have ${length} tokens: give a number ${range} as in <mask:8>.`);
    }
    for (let i = 0; i < length; i++) ids.push(maskToken);
    for (const id of tokenizer.encode(behind)) ids.push(id);
  }
  return ids;
}
