import { changesNothing } from "../../inert-options.js";
import type { UnmaskPolicy } from "../../../seam/questions/unmask.js";
import { grouped, numberOption, type OptionTable, type OptionValues } from "../../options.js";
import { oneByOne, orderedOneByOne, several } from "./claims.js";
import { CONFIDENCE_OPTIONS, checkConfidence } from "./confidence.js";
import type { BlockAhead, CommitRule } from "./rule.js";
import { checkSteps, checkStepsForMasks, committedShare, isOneStep, STEP_OPTIONS, share, stepsOf } from "./steps.js";

/** In which order masks are committed where a rule leaves it open. */
const ORDER_OPTION = grouped("Which masks first", {
  order: {
    type: "enum",
    label: "Order",
    doc: "Which masks come first",
    values: ["confidence", "random", "left_to_right"],
    default: "confidence",
  },
} as const satisfies OptionTable);

/** A fixed number a step (LLaDA; the cosine schedule is MaskGIT's). */
export const quota: CommitRule = {
  name: "quota",
  summary: "in each step as many as the number of steps asks for",
  options: { ...STEP_OPTIONS, ...ORDER_OPTION, ...CONFIDENCE_OPTIONS },
  isOneStep,
  check(options, shape) {
    checkStepsForMasks(options, shape.numMasks);
    checkSteps(options, shape, quotas);
    const isByConfidence = options.order === null || options.order === "confidence";
    checkConfidence(options, isByConfidence ? null : `order ${String(options.order)}, which doesn't go by it`);
  },
  claim(options, blocks) {
    return isOneByOne(options, blocks) ? orderedOneByOne(options) : several();
  },
  choice: {
    policy: (block) => {
      const { options, numMasks, numCommitted, draw } = block;
      const next = nextQuota(numMasks, stepsOf(block), numCommitted, options.schedule === "cosine");
      return { order: options.order as UnmaskPolicy["order"], quota: next, draw };
    },
  },
};

/** The quotas of a block, step by step. */
function quotas(numMasks: number, numSteps: number, schedule: OptionValues[string]): number[] {
  const each: number[] = [];
  for (let done = 0; done < numMasks; done += each[each.length - 1]) {
    each.push(nextQuota(numMasks, numSteps, done, schedule === "cosine"));
  }
  return each;
}

/**
 * Tokens to commit next when `numMasks` are spread over `numSteps` and `numCommitted` are there already: at least one, since
 * a step without a commit would change nothing.
 */
export function nextQuota(numMasks: number, numSteps: number, numCommitted: number, isCosine = false): number {
  let due = 0;
  for (let step = 0; due <= numCommitted && due < numMasks; step++) {
    if (step >= numSteps) due = numMasks;
    else if (isCosine) due = Math.round(numMasks * committedShare("cosine", (step + 1) / numSteps));
    else due += share(numMasks, numSteps, step);
  }
  return Math.max(1, due - numCommitted);
}

/** Whether every step of these blocks commits one token, from where they stand. */
function isOneByOne(options: OptionValues, blocks: readonly BlockAhead[]): boolean {
  const isCosine = options.schedule === "cosine";
  const known = new Map<string, boolean>();
  return blocks.every((block) => {
    const { numMasks, numCommitted } = block;
    const numSteps = stepsOf({ ...block, options });
    const key = `${numMasks} ${numSteps} ${numCommitted}`;
    const isSo =
      known.get(key) ??
      Array.from({ length: numMasks - numCommitted }, (_, i) => numCommitted + i).every(
        (done) => nextQuota(numMasks, numSteps, done, isCosine) === 1,
      );
    known.set(key, isSo);
    return isSo;
  });
}

/** One a step, at random: the exact sampler with infinitely many steps (first-hitting, arXiv 2409.02908). */
export const firstHitting: CommitRule = {
  name: "first_hitting",
  summary: "one a step, at random: the exact sampler, of infinitely many steps",
  options: {},
  claim: () => oneByOne("in random order"),
  choice: { policy: ({ draw }) => ({ order: "random", quota: 1, draw }) },
};

/** One a step, the first mask. */
export const leftToRight: CommitRule = {
  name: "left_to_right",
  summary: "one a step, from left to right",
  options: {},
  claim: () => oneByOne("from left to right"),
  choice: { policy: ({ draw }) => ({ order: "left_to_right", quota: 1, draw }) },
};

/** Why nothing goes by confidence beside threshold 0. */
export const ALL_SURE = "threshold 0, by which every mask is sure enough";

/** Whether a threshold is passed whatever the model says. */
export function isAllSure({ threshold }: OptionValues): boolean {
  return threshold === 0;
}

/** Every mask at least so sure, else the first by order (Fast-dLLM, arXiv 2505.22618). */
export const threshold: CommitRule = {
  name: "threshold",
  summary: "all that are sure enough",
  options: {
    threshold: {
      type: "number",
      label: "Threshold",
      doc: "Commit every token of at least this confidence (klass, hierarchy and edit: above it), at least one a step; 0.5, beside klass, hierarchy and credit 0.9. Fast-dLLM has 0.9 everywhere, with which the embedded models commit one token a forward",
      default: 0.5,
      min: 0,
      max: 1,
    },
    ...ORDER_OPTION,
    ...CONFIDENCE_OPTIONS,
  },
  check(options) {
    const unread = isAllSure(options) ? ALL_SURE : null;
    checkConfidence(options, unread);
    if (unread === null || options.order === null) return;
    throw changesNothing("order", `beside ${unread}`);
  },
  isOneStep: isAllSure,
  // Where a token is certain, it is no matter when it is written.
  claim: (options) => (options.threshold === 1 ? orderedOneByOne(options) : several()),
  choice: {
    policy: ({ options, draw }) => ({
      order: options.order as UnmaskPolicy["order"],
      threshold: numberOption(options, "threshold"),
      draw,
    }),
  },
};

/** The option `threshold` of rules that ask for more beside it. */
export const HIGH_THRESHOLD = { ...threshold.options.threshold, default: 0.9 } as OptionTable[string];
