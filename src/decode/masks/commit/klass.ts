import { counted } from "../../../vocabulary/counted.js";
import { changesNothing } from "../../inert-options.js";
import { numberOption } from "../../options.js";
import { several, surestOneByOne } from "./claims.js";
import { CONFIDENCE_OPTIONS, checkConfidence } from "./confidence.js";
import { HIGH_THRESHOLD } from "./quota.js";
import { allOrSurest } from "./ranking.js";
import type { CommitRule } from "./rule.js";

/** The authors'. */
const HISTORY = 2;

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
      default: HISTORY,
      min: 1,
      max: 16,
    },
    ...CONFIDENCE_OPTIONS,
  },
  check(options, { most }) {
    checkConfidence(options, null);
    const { threshold, kl_history } = options;
    const history = Number(kl_history ?? HISTORY);
    const refuse = (names: readonly string[], why: string) => {
      const given = names.find((name) => options[name] !== null && options[name] !== klass.options[name].default);
      if (given) throw changesNothing(`${given} ${String(options[given])}`, why);
    };
    if (threshold === 1) refuse(["kl_threshold", "kl_history"], "beside threshold 1, which no law passes");
    // The last mask is written anyway, and a law is known to rest from the second step on.
    if (Math.min(history, HISTORY) > most - 2) {
      const why = `in blocks of at most ${counted(most, "mask")}, in which no law rests for ${counted(history, "step")} before the last`;
      refuse(["kl_history", "kl_threshold", "threshold"], why);
    }
    if (history > most - 2) {
      const why = `beside kl_history ${history}, for which no law rests in blocks of at most ${counted(most, "mask")}`;
      refuse(["kl_threshold", "threshold"], why);
    }
  },
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
