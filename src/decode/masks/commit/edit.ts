import { changesNothing } from "../../inert-options.js";
import { numberOption, type OptionValues } from "../../options.js";
import { SEVERAL, several } from "./claims.js";
import { allOrSurest } from "./ranking.js";
import { HIGH_THRESHOLD } from "./quota.js";
import type { BlockState, Candidate, CommitRule, Reviser, Revision } from "./rule.js";

/** Steps behind the last mask, unless told otherwise. */
const POST_STEPS = 16;

/**
 * Masks by threshold, and what is written gives way to a token that the model is surer of (LLaDA2.1): until a step changes
 * nothing, or some steps behind the last mask. Models that were trained on noise besides masks take most from it.
 */
export const edit: CommitRule = {
  name: "edit",
  summary: "all that are sure enough, and written tokens give way to ones that the model has become sure of",
  options: {
    threshold: { ...HIGH_THRESHOLD, default: 0.95 } as typeof HIGH_THRESHOLD,
    editing_threshold: {
      type: "number",
      label: "Edit above",
      doc: "A written token gives way to another one of more than this probability; 1 edits nothing",
      default: 0.9,
      min: 0,
      max: 1,
    },
    max_post_steps: {
      type: "integer",
      label: "Edit steps",
      doc: "Steps behind a block's last mask at most",
      default: POST_STEPS,
      min: 0,
    },
  },
  check({ editing_threshold, max_post_steps }) {
    if (editing_threshold !== 1 || max_post_steps === null || max_post_steps === POST_STEPS) return;
    throw changesNothing(`max_post_steps ${String(max_post_steps)}`, "beside editing_threshold 1, which edits nothing");
  },
  claim: (options) => (edits(options) ? several(EDITED, SEVERAL) : several()),
  altersLaw: edits,
  choice: { begin: () => new Editing(), readsAll: true },
};

const EDITED = "written tokens give way to ones that the model has become sure of";

function edits({ editing_threshold }: OptionValues): boolean {
  return Number(editing_threshold) < 1;
}

class Editing implements Reviser {
  readonly draw = 0;
  private block = -1;
  private numPostSteps = 0;

  revise(candidates: readonly Candidate[], { options, index }: BlockState): Revision {
    if (this.block !== index) {
      this.block = index;
      this.numPostSteps = 0;
    }
    const masked = [...candidates.keys()].filter((i) => !candidates[i].current);
    if (masked.length === 0) this.numPostSteps++;
    const least = Math.log(numberOption(options, "threshold"));
    // Above both limits, as LLaDA2.1 has them; Fast-dLLM's rule `threshold` also takes what is at its limit.
    const passing = allOrSurest(
      masked.map((i) => candidates[i]),
      ({ logprob }) => logprob > least,
    );
    const editLeast = Math.log(numberOption(options, "editing_threshold"));
    const rewrite = [...candidates.keys()].filter((i) => {
      const { current, top } = candidates[i];
      return current !== null && current.token !== top.token && top.logprob > editLeast;
    });
    const commit = passing.map((i) => masked[i]);
    const hasMasks = commit.length < masked.length;
    const mayEdit = edits(options) && this.numPostSteps < numberOption(options, "max_post_steps");
    const isDone = masked.length === 0 ? rewrite.length === 0 || !mayEdit : !mayEdit;
    return { commit, rewrite, remask: [], isSettled: !hasMasks && isDone };
  }
}
