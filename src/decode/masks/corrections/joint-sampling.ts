import { JOINT_SAMPLER } from "../../../extension/joint-sampler/key.js";
import { because, type Correction } from "./correction.js";
import { besideOf } from "../../companion.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { StateRef } from "../../../seam/row-input.js";
import type { Rows } from "../../../seam/rows.js";
import type { Session } from "../../../seam/session.js";
import type { Run } from "../../decoder.js";
import { numberOption, type OptionTable, type OptionValues } from "../../options.js";

/** The option of `jointSamplingOf`. */
const JOINT_OPTIONS = {
  joint_steps: {
    type: "integer",
    label: "Steps a forward",
    doc: "Steps from one forward of the model to the next; in those between, the joint sampler that the model was loaded with says what the tokens just written change (ADJUST); 1: none is asked. A run that is interrupted goes on with a forward of the model",
    default: 1,
    min: 1,
    max: 64,
  },
} as const satisfies OptionTable;

/** Whether the options ask for a joint sampler. */
function asksJoint({ joint_steps }: OptionValues): boolean {
  return Number(joint_steps) > 1;
}

/** Joint sampling, as a row of a decoder's corrections. */
export const joint: Correction = {
  option: "joint_steps",
  group: "Joint sampler",
  options: JOINT_OPTIONS,
  asks: asksJoint,
  conflicts: ["energy_candidates", "cfg_scale", "cache"],
  beside: { joint: { key: JOINT_SAMPLER, isApart: true } },
  claim: because("between the model's forwards a smaller joint sampler gives the laws"),
};

/** Joint sampling of a run; null without it. */
export function jointSamplingOf({ target, beside, options, capabilities }: Run): JointSampling | null {
  if (!asksJoint(options)) return null;
  return new JointSampling(
    target,
    besideOf(beside, "joint").session,
    numberOption(options, "joint_steps"),
    capabilities.inPlace,
  );
}

/**
 * Approximate joint sampling (ADJUST, arXiv 2509.22738): one forward of the model gives the laws and states of a canvas; behind
 * each step a sampler of a layer or so reads the canvas as it is now with the states of before, which it replaces by its own.
 * With a sampler that knew the model's own laws of the new canvas, the text would have the law of a forward for each step.
 */
export class JointSampling {
  /** Steps since the model's last forward, that one included. */
  private depth = 0;

  constructor(
    private readonly target: Session,
    private readonly sampler: Session,
    private readonly numSteps: number,
    private readonly inPlace: boolean,
  ) {}

  /** The laws of what fills these positions of a canvas; `from`: the model's rows that say them. */
  forward(tokens: readonly TokenId[], positions: readonly number[], from: readonly number[]): Rows {
    const { target, sampler, numSteps, inPlace, depth } = this;
    this.depth = (depth + 1) % numSteps;
    if (depth === 0) {
      target.truncate(0);
      return target.forward({ tokens, attend: "full", rows: from, hidden: true, keep: 0 });
    }
    const isFirst = depth === 1;
    const stateAt = (position: number): StateRef => {
      if (!isFirst) return { of: "head", row: position };
      // The state that the position is predicted from; the first position has none but its own.
      return { of: "trunk", row: inPlace ? position : Math.max(0, position - 1) };
    };
    sampler.truncate(0);
    const inputs = tokens.map((token, position) => ({ token, state: stateAt(position) }));
    return sampler.forward({ tokens: inputs, attend: "full", rows: positions, keep: 0 });
  }
}
