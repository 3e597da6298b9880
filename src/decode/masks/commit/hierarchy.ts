import { counted } from "../../../vocabulary/counted.js";
import { changesNothing } from "../../inert-options.js";
import { numberOption } from "../../options.js";
import { several, surestOneByOne } from "./claims.js";
import { CONFIDENCE_OPTIONS, checkConfidence } from "./confidence.js";
import { ALL_SURE, HIGH_THRESHOLD, isAllSure } from "./quota.js";
import { surestFirst } from "./ranking.js";
import type { CommitRule } from "./rule.js";

/** The authors'. */
const LOW = 0.4;

/**
 * All that are sure, the surest of each run of neighbouring masks if it is sure enough to divide the run, and the surest
 * of all (dInfer's hierarchical decoding, arXiv 2510.08666).
 */
export const hierarchy: CommitRule = {
  name: "hierarchy",
  summary: "all that are sure, and one in each gap that is less sure, to divide it",
  options: {
    threshold: HIGH_THRESHOLD,
    low_threshold: {
      type: "number",
      label: "Divides above",
      doc: "Confidence above which the surest mask of a gap is committed to divide it",
      default: LOW,
      min: 0,
      max: 1,
    },
    ...CONFIDENCE_OPTIONS,
  },
  isOneStep: isAllSure,
  check(options, { most }) {
    checkConfidence(options, isAllSure(options) ? ALL_SURE : null);
    const { low_threshold } = options;
    if (low_threshold === null || low_threshold === LOW) return;
    const high = Number(options.threshold ?? HIGH_THRESHOLD.default);
    const name = `low_threshold ${String(low_threshold)}`;
    if (high <= Math.min(LOW, Number(low_threshold))) {
      throw changesNothing(
        name,
        `beside threshold ${high}, which whatever is so sure has passed`,
        `give less than ${high}, or leave it out`,
      );
    }
    if (most < 3) throw changesNothing(name, `in blocks of ${counted(most, "mask")} at most, which have no gaps`);
  },
  claim: (options) => (options.threshold === 1 && options.low_threshold === 1 ? surestOneByOne(options) : several()),
  choice: {
    choose: (candidates, { options }) => {
      const high = Math.log(numberOption(options, "threshold"));
      const low = Math.log(numberOption(options, "low_threshold"));
      const ranking = surestFirst(candidates);
      const chosen = new Set([ranking[0]]);
      const isBegun = new Set<number>();
      for (const i of ranking) {
        const { logConfidence } = candidates[i];
        const run = runOf(candidates, i);
        if (logConfidence > high || (logConfidence > low && !isBegun.has(run))) chosen.add(i);
        isBegun.add(run);
      }
      return [...chosen];
    },
  },
};

/** Index of the first candidate of the run of neighbouring positions that this one is in. Candidates are in order. */
function runOf(candidates: readonly { position: number }[], index: number): number {
  let first = index;
  while (first > 0 && candidates[first - 1].position === candidates[first].position - 1) first--;
  return first;
}
