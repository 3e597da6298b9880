import { PURPOSE, uniform } from "../../../sampling/noise.js";
import { several } from "./claims.js";
import type { CommitRule } from "./rule.js";
import { checkSteps, committedShare, isOneStep, STEP_OPTIONS, stepsOf } from "./steps.js";

/**
 * Each mask opens in a step of its own choosing: P(opens in step i | still masked) is the schedule's Bernoulli probability
 * (MDLM's ancestral sampler, arXiv 2406.07524). A position's step is a function of seed and position, so steps in which
 * nothing opens are left out, and a run that starts again goes on the same way.
 */
export const ancestral: CommitRule = {
  name: "ancestral",
  summary: "each mask opens at random by itself: the sampler of the model's own process, in so many steps",
  options: STEP_OPTIONS,
  isOneStep,
  check: (options, shape) => checkSteps(options, shape),
  claim: () => several(),
  choice: {
    choose: (candidates, block) => {
      const numSteps = stepsOf(block);
      const opensIn = candidates.map(({ position }) => {
        const u = uniform(block.seed, PURPOSE.unmask, position, 0, 0);
        let step = 1;
        while (step < numSteps && committedShare(block.options.schedule, step / numSteps) < u) step++;
        return step;
      });
      const next = Math.min(...opensIn);
      return [...candidates.keys()].filter((i) => opensIn[i] === next);
    },
  },
};
