import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { ForwardRequest } from "../../../seam/forward.js";
import { countMasks, maskOf, type RowInput, stateOf, tokenOf } from "../../../seam/row-input.js";
import type { Visibility } from "../../sequence/attend.js";
import type { Features } from "./hidden-states.js";
import type { Sequence } from "./sequence.js";

const NONE = 0xffffffff;
const INPUT_WORDS = 5;

/** Writes a forward's inputs: row records, the list of logit rows, ancestors, states (as `reads` names them) and masks; returns where they start. */
export function writeInputs(
  sequence: Sequence,
  request: ForwardRequest,
  v: Visibility,
  list: readonly number[],
  reads: Features | null,
) {
  const { inputs } = sequence.model.gpu.queue;
  const { tokens, positions, slots } = request;
  const lists = v.paths?.map(({ list }) => list).filter((one, i, all) => one !== all[i - 1]) ?? [];
  const numAncestors = lists.reduce((sum, path) => sum + path.length, 0);
  const numStates = reads ? tokens.length : 0;
  const numMasks = countMasks(tokens);
  const numWords = tokens.length * INPUT_WORDS + list.length + numAncestors + numStates + numMasks;
  if (numWords > inputs.numWords) {
    throw new InvalidOptionError(
      `A tree of ${tokens.length} tokens, whose paths have ${numAncestors} in all, is more than one forward takes: give fewer, or shorter paths.`,
      "too_many_rows",
    );
  }
  const start = inputs.reserve(numWords);
  let at = start;
  let nextPath = start + tokens.length * INPUT_WORDS + list.length;
  let lastPath = nextPath;
  for (let i = 0; i < tokens.length; i++) {
    inputs.setWord(at, tokenWord(sequence, tokens[i]));
    inputs.setWord(at + 1, positions ? positions[i] : NONE);
    inputs.setWord(at + 2, slots ? slots[i] : NONE);
    const path = v.paths?.[i];
    const rank = v.ranks?.[i];
    if (path && path.list !== v.paths?.[i - 1]?.list) {
      lastPath = nextPath;
      for (const row of path.list) inputs.setWord(nextPath++, row);
    }
    inputs.setWord(at + 3, path ? path.depth : (rank?.index ?? 0));
    inputs.setWord(at + 4, path ? lastPath : rank && rank.horizon >= 0 ? rank.horizon : NONE);
    at += INPUT_WORDS;
  }
  for (let i = 0; i < list.length; i++) inputs.setWord(at + i, list[i]);
  const masks = start + numWords - numMasks;
  for (let i = 0; i < numMasks; i++) inputs.setWord(masks + i, tokens.length - numMasks + i);
  const features = masks - numStates;
  for (let i = 0; i < numStates; i++) inputs.setWord(features + i, reads?.word(stateOf(tokens[i])) ?? 0);
  return { start, list: at, features, masks, numMasks, numWords, serial: inputs.serial };
}

/** Refuses a set whose longest segment is more than the inputs of one forward hold beside the rows themselves. */
export function checkPaths(sequence: Sequence, lengths: readonly number[]): void {
  const { gpu, maxRows } = sequence.model;
  const most = gpu.queue.inputs.numWords - maxRows * (INPUT_WORDS + 2);
  const longest = Math.max(...lengths);
  if (longest <= most) return;
  throw new InvalidOptionError(
    `A segment of ${longest} tokens is more than is read of one, ${most}: shorten it, or leave it outside of a set.`,
    "too_many_rows",
  );
}

/** What a row reads as the inputs ring holds it; masks come behind the vocabulary. */
export function tokenWord(sequence: Sequence, input: RowInput): number {
  const token = tokenOf(input);
  return token === null ? sequence.model.capabilities.vocabSize + (maskOf(input) ?? 0) : sequence.wordOf(token);
}
