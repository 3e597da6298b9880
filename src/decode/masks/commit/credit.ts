import { InvalidOptionError } from "../../../vocabulary/errors.js";
import { numberOption } from "../../options.js";
import { SEVERAL, several, surestOneByOne } from "./claims.js";
import { CONFIDENCE_OPTIONS, checkConfidence } from "./confidence.js";
import { HIGH_THRESHOLD } from "./quota.js";
import type { CommitRule } from "./rule.js";

const CREDITED = "tokens that have long been the likeliest are drawn more often";

/** A threshold on laws in which tokens that have long been the likeliest gain (dInfer's credit decoding, arXiv 2510.08666). */
export const credit: CommitRule = {
  name: "credit",
  summary:
    "all that are sure enough, where a token that has long been the likeliest counts for more; a run that is interrupted forgets this",
  options: {
    threshold: HIGH_THRESHOLD,
    credit_decay: {
      type: "number",
      label: "Credit kept",
      doc: "Share of its credit that a token keeps from step to step",
      default: 0.8,
      min: 0,
      max: 1,
    },
    credit_power: {
      type: "number",
      label: "Credit power",
      doc: "The likeliest token earns its probability to this power",
      default: 0.2,
      min: 0,
      max: 1000,
    },
    credit_weight: {
      type: "number",
      label: "Credit weight",
      doc: "Logits gain this times log(1 + credit); 0 is off",
      default: 0.7,
      min: 0,
      max: 1000,
    },
    ...CONFIDENCE_OPTIONS,
  },
  check(options) {
    checkConfidence(options, null);
    if (options.credit_weight !== 0) return;
    const given = ["credit_decay", "credit_power"].find((name) => options[name] !== null);
    if (!given) return;
    throw new InvalidOptionError(
      `${given} changes nothing beside credit_weight 0, which turns credit off: leave it out.`,
    );
  },
  claim(options) {
    if (Number(options.credit_weight) > 0) return several(CREDITED, SEVERAL);
    return options.threshold === 1 ? surestOneByOne(options) : several();
  },
  altersLaw: ({ credit_weight }) => Number(credit_weight) > 0,
  memory: (options) => ({
    keeps: "credit",
    decay: numberOption(options, "credit_decay"),
    power: numberOption(options, "credit_power"),
    weight: numberOption(options, "credit_weight"),
  }),
  choice: {
    policy: ({ options, draw }) => ({ order: "confidence", threshold: numberOption(options, "threshold"), draw }),
  },
};
