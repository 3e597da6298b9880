import { changesNothing } from "../../inert-options.js";
import { numberOption } from "../../options.js";
import { SEVERAL, several, surestOneByOne } from "./claims.js";
import { CONFIDENCE_OPTIONS, checkConfidence } from "./confidence.js";
import { ALL_SURE, HIGH_THRESHOLD, isAllSure } from "./quota.js";
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
  check(options, { most }) {
    checkConfidence(options, isAllSure(options) ? ALL_SURE : null);
    const refuse = (names: readonly string[], why: string) => {
      const given = names.find((name) => options[name] !== null);
      if (given) throw changesNothing(given, why);
    };
    if (options.credit_weight === 0)
      refuse(["credit_decay", "credit_power"], "beside credit_weight 0, which turns credit off");
    if (isAllSure(options) || most === 1) refuse(["credit_decay"], "where a block is written in one step");
  },
  isOneStep: isAllSure,
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
