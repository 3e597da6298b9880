import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { Feature, ForwardRequest } from "../../../seam/forward.js";
import type { Visibility } from "./attend.js";
import type { Features } from "./hidden-states.js";
import type { Sequence } from "./sequence.js";

const NONE = 0xffffffff;
const INPUT_WORDS = 5;
const NO_FEATURES: readonly Feature[] = [];

/** Writes a forward's inputs: row records, the list of logit rows, ancestors, features (as `reads` names them) and masks; returns where they start. */
export function writeInputs(
  sequence: Sequence,
  request: ForwardRequest,
  v: Visibility,
  list: readonly number[],
  reads: Features | null,
) {
  const { inputs } = sequence.model.gpu.queue;
  const { tokens, positions, slots } = request;
  const numAncestors = v.ancestors?.reduce((sum, path) => sum + path.length, 0) ?? 0;
  const given = request.features ?? NO_FEATURES;
  const numMasks = request.masks ?? 0;
  const numWords = tokens.length * INPUT_WORDS + list.length + numAncestors + given.length + numMasks;
  if (numWords > inputs.numWords) {
    throw new InvalidOptionError(
      `A tree of ${tokens.length} tokens, whose paths have ${numAncestors} in all, is more than one forward takes: give fewer, or shorter paths.`,
      "too_many_rows",
    );
  }
  const start = inputs.reserve(numWords);
  let at = start;
  let nextPath = start + tokens.length * INPUT_WORDS + list.length;
  for (let i = 0; i < tokens.length; i++) {
    inputs.setWord(at, tokenWord(sequence, request, i));
    inputs.setWord(at + 1, positions ? positions[i] : NONE);
    inputs.setWord(at + 2, slots ? slots[i] : NONE);
    const path = v.ancestors?.[i];
    const rank = v.ranks?.[i];
    inputs.setWord(at + 3, path ? path.length - 1 : (rank?.index ?? 0));
    inputs.setWord(at + 4, path ? nextPath : rank && rank.horizon >= 0 ? rank.horizon : NONE);
    if (path) for (const row of path) inputs.setWord(nextPath++, row);
    at += INPUT_WORDS;
  }
  for (let i = 0; i < list.length; i++) inputs.setWord(at + i, list[i]);
  const masks = start + numWords - numMasks;
  for (let i = 0; i < numMasks; i++) inputs.setWord(masks + i, tokens.length - numMasks + i);
  const features = masks - given.length;
  for (let i = 0; i < given.length; i++) inputs.setWord(features + i, reads?.word(given[i]) ?? 0);
  return { start, list: at, features, masks, numWords, serial: inputs.serial };
}

/** A row's token as the inputs ring holds it; masks come behind the vocabulary. */
export function tokenWord(sequence: Sequence, { tokens, masks = 0 }: ForwardRequest, row: number): number {
  const token = tokens[row];
  const isMask = row >= tokens.length - masks;
  if (isMask && typeof token === "number") return sequence.model.capabilities.vocabSize + token;
  return sequence.wordOf(token);
}
