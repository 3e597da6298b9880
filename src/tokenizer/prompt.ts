import { InvalidOptionError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import { badLength, firstHole, hasHoles, splitHoles } from "../vocabulary/holes.js";
import { endOf, type PlainPrompt, type PromptItem, type PromptSet, type SetRows } from "../vocabulary/prompt.js";
import { checkSet, hasSet, splitSets } from "../vocabulary/set-marks.js";
import type { Tokenizer } from "./tokenizer.js";

/** No context is longer. */
const MAX_HOLE = 1_000_000;

/** How a prompt is read. */
export interface PromptReading {
  /** The prompt's holes are to be filled in. */
  isInfill: boolean;
  /** The model's mask token. */
  maskToken: TokenId | null;
  /** Marks in it make sets; left out: they are text, or refused where a decoder is known. */
  readsSets?: boolean;
  /** The decoder that is to write, where one is known: can it fill holes? */
  decoder?: { name: string; canInfill: boolean };
  /** The model's longest sequence; a hole can't be longer. */
  maxLength?: number;
}

/** A prompt's ids, and which of them are sets, as they were written. */
export interface ReadPrompt {
  ids: readonly TokenId[];
  sets: readonly SetRows[];
}

/** Texts to ids; null where the model has no tokenizer. */
type Encoder = Pick<Tokenizer, "encode" | "promptIds">;

/**
 * The ids of a prompt; ids stay as they are. `isInfill`: a text's holes become so many mask ids each. Marks of sets are read in a text
 * that is the whole prompt, by a decoder that reads sets; a list has its sets as such.
 * Throws `InvalidOptionError` for a hole of no tokens or too many, for one that isn't to be filled, and for marks or sets that can't be.
 */
export function readPrompt(tokenizer: Encoder, prompt: PlainPrompt, reading: PromptReading): ReadPrompt {
  if (typeof prompt !== "string") return readItems(tokenizer, prompt);
  const { decoder } = reading;
  checkHoles(prompt, reading);
  if (reading.readsSets) return readItems(tokenizer, splitSets(prompt));
  if (decoder && hasSet(prompt)) throw noSets(decoder.name);
  return { ids: readHoles(tokenizer, prompt, reading), sets: [] };
}

/** The refusal of a set by a decoder that reads none. */
export function noSets(decoder: string): InvalidOptionError {
  return new InvalidOptionError(
    `The prompt has a set, which ${decoder} can't read: choose set-based, or leave the marks <set>, <|> and </set> out. As text they are read in a list, [prompt], and on the command line as its --ids.`,
    "no_sets",
  );
}

function checkHoles(prompt: string, { isInfill, maskToken, decoder }: PromptReading): void {
  if (isInfill || !(decoder || maskToken !== null) || !hasHoles(prompt)) return;
  const hole = `The prompt has a hole, ${firstHole(prompt)}`;
  if (!decoder || decoder.canInfill) {
    throw new InvalidOptionError(`${hole}: give infill to have it filled in, or leave it out.`);
  }
  throw new InvalidOptionError(
    `${hole}, which ${decoder.name} can't fill: choose a decoder with the option infill, as block-diffusion, or leave it out.`,
    "no_infill",
  );
}

function readHoles(
  tokenizer: Encoder,
  prompt: string,
  { isInfill, maskToken, maxLength = Number.MAX_SAFE_INTEGER }: PromptReading,
): TokenId[] {
  // To a model without a mask token a hole is text; the decoder says whether it needs one.
  if (!isInfill || maskToken === null) return tokenizer.promptIds(prompt);
  const bad = badLength(prompt);
  if (bad !== null)
    throw new InvalidOptionError(`A hole can't have ${bad || "no"} tokens: give a whole number as in <mask:8>.`);
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

/** Each piece is encoded by itself, spaces and all. What begins a prompt in text begins with the tokens that begin a prompt. */
function readItems(tokenizer: Encoder, prompt: readonly PromptItem[]): ReadPrompt {
  const items = joined(prompt);
  const [first] = items;
  const ids: TokenId[] = [];
  const sets: SetRows[] = [];
  const beginsInText = first !== undefined && isSet(first) && first.set.some((segment) => typeof segment === "string");
  if (beginsInText) ids.push(...tokenizer.promptIds(""));
  for (const [i, item] of items.entries()) {
    if (typeof item === "number") ids.push(item);
    else if (typeof item === "string") ids.push(...(i === 0 ? tokenizer.promptIds(item) : tokenizer.encode(item)));
    else {
      const segments = item.set.map((segment) => (typeof segment === "string" ? tokenizer.encode(segment) : segment));
      checkSet({ set: segments });
      sets.push({ start: ids.length, lengths: segments.map(({ length }) => length) });
      ids.push(...segments.flat());
    }
  }
  const last = sets.at(-1);
  if (last && endOf(last) === ids.length) {
    throw new InvalidOptionError(
      "A prompt can't end with a set, whose segments say nothing of one another: write something behind it that reads them all.",
      "bad_set",
    );
  }
  return { ids, sets };
}

/** A set of one segment is that segment, and texts that stand together are one: so they are encoded like plain text. */
function joined(items: readonly PromptItem[]): PromptItem[] {
  const all: PromptItem[] = [];
  const add = (item: PromptItem) => {
    const before = all.at(-1);
    if (typeof item === "string" && typeof before === "string") all[all.length - 1] = before + item;
    else all.push(item);
  };
  for (const item of items) {
    const only = isSet(item) ? onlySegment(item) : null;
    if (only === null) add(item);
    else if (typeof only === "string") add(only);
    else for (const id of only) add(id);
  }
  return all;
}

function isSet(item: PromptItem): item is PromptSet {
  return typeof item === "object";
}

function onlySegment(item: PromptSet): string | readonly TokenId[] | null {
  checkSet(item);
  return item.set.length === 1 ? item.set[0] : null;
}
