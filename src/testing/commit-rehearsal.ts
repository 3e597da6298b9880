import { invariant } from "../vocabulary/errors.js";
import { chooseCommits } from "../sampling/unmask.js";
import type { OptionValues } from "../decode/options.js";
import { COMMIT_RULES } from "../decode/masks/commit/index.js";
import type { BlockState, Candidate } from "../decode/masks/commit/rule.js";

/** A candidate of which only the position matters. */
export const UNSURE: Candidate = {
  position: 0,
  token: 0,
  logprob: -1,
  entropy: 1,
  top: { token: 0, logprob: -1 },
  secondLogprob: -2,
  divergence: null,
  logConfidence: -1,
  divergences: [],
  given: null,
  current: null,
};

/** A block of which nothing is committed yet. */
export function blockOf(options: OptionValues, more: Partial<BlockState> = {}): BlockState {
  return { options, numMasks: 8, numCommitted: 0, tentative: [], index: 0, numBlocks: 1, seed: 1, draw: 0, ...more };
}

/** What the rule of this name commits of these candidates; options that aren't given have the rule's defaults. */
export function chooseBy(name: string, candidates: readonly Candidate[], block: BlockState): readonly number[] {
  const rule = COMMIT_RULES.find((other) => other.name === name);
  invariant(rule, `no commit rule ${name}`);
  const defaults = Object.entries(rule.options).map(([option, own]) => [option, own.default]);
  const state = { ...block, options: { ...Object.fromEntries(defaults), ...block.options } };
  const { choice } = rule;
  if ("begin" in choice) return choice.begin().revise(candidates, state).commit;
  if ("choose" in choice) return choice.choose(candidates, state);
  const sureness = candidates.map(({ position, logConfidence }) => ({ position, logprob: logConfidence }));
  return chooseCommits(sureness, choice.policy(state), block.seed).flatMap((isChosen, i) => (isChosen ? [i] : []));
}
