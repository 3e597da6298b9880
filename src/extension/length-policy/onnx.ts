import { defineHostPart, type HostPart } from "../../backend/host/part.js";
import { HostPending } from "../../backend/host/pending.js";
import type { OnnxTrunk } from "../../backend/onnx/session/running.js";
import { widen } from "../../format/widen.js";
import { notFinite } from "../../seam/not-finite.js";
import { invariant } from "../../vocabulary/errors.js";
import { LENGTH_POLICY, type LengthPolicy } from "./key.js";
import type { PolicyFile } from "./policy-file.js";

/** Scores by a policy's weights, in float64. */
export function onnxLengthPolicy({ weight, bias, lengths }: PolicyFile): HostPart<OnnxTrunk> {
  const [matrix, offsets] = [weight, bias].map(widen);
  const { extension, what } = LENGTH_POLICY;
  return defineHostPart(extension, (trunk: OnnxTrunk): LengthPolicy => {
    invariant(trunk.isWhole, `this model was loaded without ${what}`);
    const states = trunk.states();
    const { owner } = trunk;
    const scoresOf = (state: Float32Array) => {
      const scores = lengths.map((_, i) =>
        state.reduce((sum, x, k) => sum + x * matrix[i * state.length + k], offsets[i]),
      );
      if (!scores.every(Number.isFinite)) throw notFinite(owner.capabilities.name);
      return Float32Array.from(scores);
    };
    return {
      async score(row) {
        states.check(row, "trunk");
        owner.counts.dispatches++;
        const work = () =>
          new HostPending(
            scoresOf(states.of(row)),
            () => 0,
            () => owner.readback(4 * lengths.length),
          );
        return trunk.later(work).read();
      },
    };
  });
}
