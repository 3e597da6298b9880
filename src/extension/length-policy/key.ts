import type { ExtensionKey } from "../../seam/extension.js";

/** Scores block lengths by a model's states. */
export interface LengthPolicy {
  /** A score for each of `policyLengths`, by this row of the session's last forward, which kept `hidden` states. */
  score(row: number): Promise<Float32Array>;
}

/** The policy that a model was loaded with, on a session's states. */
export const LENGTH_POLICY: ExtensionKey<LengthPolicy> = {
  extension: "length-policy",
  what: "a policy for its blocks",
  how: "load(url, { head }), or --head",
};
