import { numberOption } from "../../options.js";
import { several } from "./claims.js";
import { CONFIDENCE_OPTIONS, checkConfidence } from "./confidence.js";
import { surestFirst } from "./ranking.js";
import type { CommitRule } from "./rule.js";

/** The largest n whose n-th surest has confidence >= 1 - f / (n + 1) (Fast-dLLM, arXiv 2505.22618). */
export const factor: CommitRule = {
  name: "factor",
  summary: "as many as are jointly sure: the more, the surer each must be",
  options: {
    factor: {
      type: "number",
      label: "Factor f",
      doc: "f: the n surest are committed for the largest n whose last has a confidence of at least 1 - f / (n + 1)",
      default: 1,
      above: 0,
      max: 1000,
    },
    ...CONFIDENCE_OPTIONS,
  },
  check: (options) => checkConfidence(options, null),
  claim: () => several(),
  choice: {
    choose: (candidates, { options }) => {
      const f = numberOption(options, "factor");
      const ranking = surestFirst(candidates);
      const isEnough = (i: number) => Math.exp(candidates[ranking[i]].logConfidence) >= 1 - f / (i + 2);
      return ranking.slice(0, Math.max(1, ranking.findLastIndex((_, i) => isEnough(i)) + 1));
    },
  },
};
