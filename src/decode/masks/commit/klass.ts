import { numberOption } from "../../options.js";
import { several, surestOneByOne } from "./claims.js";
import { CONFIDENCE_OPTIONS, checkConfidence } from "./confidence.js";
import { HIGH_THRESHOLD } from "./quota.js";
import { allOrSurest } from "./ranking.js";
import type { CommitRule } from "./rule.js";

/** All that are sure and whose law has stopped changing, else the surest (KLASS, arXiv 2511.05664). */
export const klass: CommitRule = {
  name: "klass",
  summary: "all that are sure and whose law has come to rest; a run that is interrupted forgets this",
  options: {
    threshold: HIGH_THRESHOLD,
    kl_threshold: {
      type: "number",
      label: "At rest below",
      doc: "KL divergence in nats from the step before, under which a law is at rest",
      default: 0.01,
      above: 0,
    },
    kl_history: {
      type: "integer",
      label: "At rest for",
      doc: "Steps in a row for which a law must have been at rest",
      default: 2,
      min: 1,
      max: 16,
    },
    ...CONFIDENCE_OPTIONS,
  },
  check: (options) => checkConfidence(options, null),
  claim: (options) => (options.threshold === 1 ? surestOneByOne(options) : several()),
  memory: () => ({ keeps: "law" }),
  choice: {
    choose: (candidates, { options }) => {
      const least = Math.log(numberOption(options, "threshold"));
      const most = numberOption(options, "kl_threshold");
      const history = numberOption(options, "kl_history");
      return allOrSurest(candidates, ({ logConfidence, divergences }) => {
        const latest = divergences.slice(-history);
        return logConfidence > least && latest.length === history && latest.every((kl) => kl < most);
      });
    },
  },
};
