import { REVISED, SEVERAL, several } from "./claims.js";
import { ranked } from "./ranking.js";
import type { BlockState, Candidate, CommitRule, Reviser, Revision } from "./rule.js";
import { checkSteps, isOneStep, maskedAfter, maskedBehind, STEP_OPTIONS, stepsOf } from "./steps.js";

/**
 * Writes the whole block in each step, and masks the least sure of it again for the next one, fewer each time (Mask-Predict,
 * arXiv 1904.09324): by the probability that a token had when it was written.
 */
export const maskPredict: CommitRule = {
  name: "mask_predict",
  summary:
    "all of them, and the least sure are masked again for the next step; interrupted, a run goes on at about its step",
  options: { ...STEP_OPTIONS },
  isOneStep,
  check: (options, shape) => checkSteps(options, shape, maskedAfter),
  claim: () => several(SEVERAL, REVISED),
  choice: { begin: () => new Predicting() },
};

class Predicting implements Reviser {
  draw = 0;
  private block = -1;
  private step = 0;

  revise(candidates: readonly Candidate[], block: BlockState): Revision {
    const { tentative, numMasks, options, index } = block;
    const numSteps = stepsOf(block);
    const numWorst = (step: number) => maskedBehind(numMasks, options.schedule, step / numSteps);
    if (this.block !== index) {
      this.block = index;
      this.step = 0;
      while (block.numCommitted > 0 && this.step < numSteps - 1 && numWorst(this.step) > candidates.length) this.step++;
    }
    this.step++;
    const all = [...tentative, ...candidates.map(({ position, token, logprob }) => ({ position, token, logprob }))];
    const worst = ranked(all, ({ logprob }) => logprob).slice(0, numWorst(this.step));
    this.draw += worst.length;
    return {
      commit: [...candidates.keys()],
      remask: worst.map((i) => all[i].position),
      isSettled: worst.length === 0,
    };
  }
}
