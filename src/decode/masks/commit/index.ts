import type { Canvas } from "../../../vocabulary/canvas.js";
import type { Ask } from "../../../seam/asks.js";
import { ROW_MEMORY } from "../../../extension/row-memory/key.js";
import { InvalidOptionError, invariant } from "../../../vocabulary/errors.js";
import type { Claim } from "../../law.js";
import type { OptionTable, OptionValue, OptionValues } from "../../options.js";
import { changesNothing } from "../../inert-options.js";
import { ownOptions, resolveOwn } from "../../own-options.js";
import { ancestral } from "./ancestral.js";
import { oneByOne } from "./claims.js";
import { isPlain } from "./confidence.js";
import { credit } from "./credit.js";
import { edit } from "./edit.js";
import { entropyBound } from "./entropy-bound.js";
import { factor } from "./factor.js";
import { hierarchy } from "./hierarchy.js";
import { klass } from "./klass.js";
import { maskPredict } from "./mask-predict.js";
import { p2 } from "./p2.js";
import { firstHitting, leftToRight, quota, threshold } from "./quota.js";
import { remdm } from "./remdm.js";
import type { BlockAhead, BlockShape, CommitRule } from "./rule.js";
import { wedlm } from "./wedlm.js";

/** All commit rules; the first is the default. */
export const COMMIT_RULES: readonly CommitRule[] = [
  threshold,
  quota,
  factor,
  entropyBound,
  klass,
  wedlm,
  hierarchy,
  credit,
  ancestral,
  remdm,
  p2,
  maskPredict,
  edit,
  firstHitting,
  leftToRight,
];

/** The option `commit_rule` and those of single rules. */
export const COMMIT_OPTIONS: OptionTable = {
  commit_rule: {
    type: "enum",
    label: "Commit rule",
    doc: `${COMMIT_RULES.map(({ name, summary }) => `${name}: ${summary}`).join("; ")}. Unless given: ${threshold.name}, or ${quota.name} where steps are given`,
    values: COMMIT_RULES.map(({ name }) => name),
    default: null,
  },
  ...ownOptions("commit_rule", COMMIT_RULES, [threshold, quota]),
};

/**
 * The options with the chosen rule and its defaults, for blocks of this shape. Throws `InvalidOptionError` for what contradicts each
 * other or changes nothing. `usual`: the rule unless one is given or meant.
 */
export function resolveCommit(
  options: OptionValues,
  shape: BlockShape,
  usual = threshold,
): Record<string, OptionValue> {
  const { steps, denoising_steps, threshold: least } = options;
  const isInSteps = steps !== null || denoising_steps !== null;
  if (options.commit_rule === null && isInSteps && least !== null) {
    const given = steps === null ? "denoising_steps" : "steps";
    throw new InvalidOptionError(`${given} and threshold contradict each other: give one of them, or a commit_rule.`);
  }
  const commit_rule = options.commit_rule ?? (isInSteps ? quota.name : usual.name);
  const rule = commitRuleOf({ commit_rule });
  const resolved = resolveOwn("commit_rule", rule, COMMIT_RULES, { ...options, commit_rule });
  rule.check?.({ ...options, commit_rule }, shape);
  const { single } = shape;
  if (single === null || touchesOne(resolved, shape)) return resolved;
  const idle = ["commit_rule", ...Object.keys(rule.options)].find((name) => {
    const usually = name === "commit_rule" ? usual.name : rule.options[name].default;
    return options[name] !== null && options[name] !== usually;
  });
  if (idle === undefined) return resolved;
  throw changesNothing(`${idle} ${String(options[idle])}`, `beside ${single}, which leaves each step one mask`);
}

/** Whether the chosen rule writes each block in one step, whatever the model says. */
export function isOneStep(options: OptionValues, shape: BlockShape): boolean {
  const rule = commitRuleOf(options);
  return (shape.most === 1 && !touchesOne(options, shape)) || (rule.isOneStep?.(options, shape) ?? false);
}

function touchesOne(options: OptionValues, shape: BlockShape): boolean {
  const rule = commitRuleOf(options);
  return rule.touchesOne?.(options, shape) ?? rule.altersLaw?.(options) ?? false;
}

/** Masks of a run: its holes, or as many as it may write. */
export function masksOf({ infill, max_new_tokens }: OptionValues, canvas?: Canvas): number {
  const holes = infill === true ? canvas?.slots().filter(({ state }) => state !== "prompt") : undefined;
  return holes?.length ?? Number(max_new_tokens);
}

/** The rule that checked options name. */
export function commitRuleOf({ commit_rule }: OptionValues): CommitRule {
  const rule = COMMIT_RULES.find(({ name }) => name === commit_rule);
  invariant(rule, `no commit rule ${commit_rule}`);
  return rule;
}

/** What the chosen rule asks of a forward's rows; the usual one, where none is chosen yet. */
export function commitAsks(options: OptionValues): readonly Ask[] {
  const { choice, memory } = commitRuleOf({ commit_rule: options.commit_rule ?? threshold.name });
  const isChosenThere = "policy" in choice && !memory && isPlain(options);
  // One of several fillings is measured, but for the one that would be drawn anyway.
  const isOneOfSeveral = Number(options.energy_candidates ?? 1) > 1;
  if (isChosenThere) return isOneOfSeveral ? ["unmask", "measure"] : ["unmask"];
  return memory ? ["measure", ROW_MEMORY] : ["measure"];
}

/**
 * What each step loses at most under the chosen rule; null where no rule says so, or where tokens aren't drawn from the law
 * whose entropies were measured: at another temperature, filtered, penalised or biased.
 */
export function commitBound(options: OptionValues): number | null {
  const { temperature, top_k, top_p, min_p, repetition_penalty, logit_bias } = options;
  const isFiltered = top_k !== 0 || top_p !== 1 || min_p !== 0 || repetition_penalty !== 1;
  const isBiased = Object.keys(logit_bias ?? {}).length > 0;
  if (temperature !== 1 || isFiltered || isBiased) return null;
  return commitRuleOf(options).boundNats?.(options) ?? null;
}

/** What the law of a text is whose blocks the chosen rule writes; `within`: how the order goes on from block to block. */
export function commitClaim(options: OptionValues, blocks: readonly BlockAhead[], within: string): Claim {
  const rule = commitRuleOf(options);
  const isSingle = blocks.every(({ numMasks }) => numMasks <= 1) && !rule.altersLaw?.(options);
  const claim = isSingle ? oneByOne("from left to right") : rule.claim(options, blocks);
  return isSingle ? claim : { ...claim, order: `${claim.order} ${within}` };
}

/** Steps in a row in which a rule that revises may find nothing to change. */
export function commitIdleSteps({ steps, denoising_steps, max_post_steps }: OptionValues): number {
  return Number(denoising_steps ?? steps ?? 0) + Number(max_post_steps ?? 0);
}
