import { defineHostPart, type MockTrunk } from "../../backend/host/part.js";
import { invariant } from "../../vocabulary/errors.js";
import { LENGTH_POLICY, type LengthPolicy } from "./key.js";

/** Scores by what a mock's policy says of the rows that a row saw. */
export const hostLengthPolicy = defineHostPart(
  LENGTH_POLICY.extension,
  (trunk: MockTrunk): LengthPolicy => {
    const { policy } = trunk.behaviour;
    invariant(policy, `this model was loaded without ${LENGTH_POLICY.what}`);
    trunk.leaveStates();
    return {
      score: async (row) => {
        const { hiddenRows } = trunk;
        const hidden = hiddenRows[row];
        invariant(hidden, `the last forward left ${hiddenRows.length} states, so none of row ${row}`);
        trunk.owner.counts.dispatches++;
        const scores = Float32Array.from(policy(hidden.seen));
        await trunk.owner.readback(scores.byteLength);
        return scores;
      },
    };
  },
  ({ policyLengths }) => policyLengths.length > 0,
);
