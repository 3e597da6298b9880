import { InvalidOptionError, invariant } from "../../errors.js";
import type { Fidelity } from "../../events.js";
import type { OptionTable, OptionValue, OptionValues } from "../options.js";
import { ownOptions, resolveOwn } from "../own-options.js";
import { ancestral } from "./ancestral.js";
import { credit } from "./credit.js";
import { entropyBound } from "./entropy-bound.js";
import { factor } from "./factor.js";
import { hierarchy } from "./hierarchy.js";
import { klass } from "./klass.js";
import { firstHitting, leftToRight, quota, threshold } from "./quota.js";
import type { CommitRule } from "./rule.js";
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
  firstHitting,
  leftToRight,
];

/** The option `commit_rule` and those of single rules. */
export const COMMIT_OPTIONS: OptionTable = {
  commit_rule: {
    type: "enum",
    label: "Commit",
    doc: `${COMMIT_RULES.map(({ name, summary }) => `${name}: ${summary}`).join("; ")}. Unless given: ${threshold.name}, or ${quota.name} where steps are given`,
    values: COMMIT_RULES.map(({ name }) => name),
    default: null,
  },
  ...ownOptions("commit_rule", COMMIT_RULES, [threshold, quota]),
};

/** The options with the chosen rule and its defaults. Throws `InvalidOptionError` for what contradicts each other. */
export function resolveCommit(options: OptionValues): Record<string, OptionValue> {
  const { steps, denoising_steps, threshold: least } = options;
  const isInSteps = steps !== null || denoising_steps !== null;
  if (options.commit_rule === null && isInSteps && least !== null) {
    const given = steps === null ? "denoising_steps" : "steps";
    throw new InvalidOptionError(`${given} and threshold contradict each other: give one of them, or a commit_rule.`);
  }
  const commit_rule = options.commit_rule ?? (isInSteps ? quota.name : threshold.name);
  const resolved = { ...options, commit_rule };
  const rule = commitRuleOf(resolved);
  rule.check?.(resolved);
  return resolveOwn("commit_rule", rule, COMMIT_RULES, resolved);
}

/** The rule that checked options name. */
export function commitRuleOf({ commit_rule }: OptionValues): CommitRule {
  const rule = COMMIT_RULES.find(({ name }) => name === commit_rule);
  invariant(rule, `no commit rule ${commit_rule}`);
  return rule;
}

/** How text under the chosen rule relates to the model's own law. */
export function commitFidelity(options: OptionValues): Fidelity {
  return commitRuleOf(options).fidelity(options);
}
