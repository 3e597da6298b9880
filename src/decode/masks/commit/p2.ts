import { REVISED, SEVERAL, several } from "./claims.js";
import type { BlockState, Candidate, CommitRule, Reviser, Revision } from "./rule.js";
import { ranked } from "./ranking.js";
import { checkSteps, isOneStep, maskedAfter, maskedBehind, STEP_OPTIONS, stepsOf } from "./steps.js";

/**
 * Path planning (P2, arXiv 2502.03540, as Open-dLLM has it): behind step i of n the surest share i/n of the block is written, by
 * this step's probability of what stands there or was drawn; what was written and is no longer among them is masked again.
 */
export const p2: CommitRule = {
  name: "p2",
  summary:
    "in each step the surest, of all of the block: what is no longer sure is masked again; interrupted, a run goes on at about its step",
  options: STEP_OPTIONS,
  isOneStep,
  check: (options, shape) => checkSteps(options, shape, maskedAfter),
  claim: () => several(SEVERAL, REVISED),
  choice: { begin: () => new Planning(), readsAll: true },
};

class Planning implements Reviser {
  draw = 0;
  private block = -1;
  private step = 0;

  revise(candidates: readonly Candidate[], block: BlockState): Revision {
    const numSteps = stepsOf(block);
    const { schedule } = block.options;
    if (this.block !== block.index) {
      this.block = block.index;
      this.step = 0;
      while (numOpen(block, schedule, this.step / numSteps) < block.numCommitted) this.step++;
    }
    this.step++;
    const count = Math.min(candidates.length, numOpen(block, schedule, this.step / numSteps));
    const open = new Set(ranked(candidates, ({ current, logprob }) => -(current?.logprob ?? logprob)).slice(0, count));
    const remask = candidates.flatMap(({ current, position }, i) => (current && !open.has(i) ? [position] : []));
    this.draw += remask.length;
    return { commit: [...open].filter((i) => !candidates[i].current), remask, isSettled: count === candidates.length };
  }
}

/** Tokens of the block that are written behind a share `done` of its steps. */
function numOpen({ numMasks }: BlockState, schedule: BlockState["options"][string], done: number): number {
  return numMasks - maskedBehind(numMasks, schedule, done);
}
