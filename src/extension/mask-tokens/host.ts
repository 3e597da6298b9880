import { defineHostPart, type MockTrunk } from "../../backend/host/part.js";
import { invariant } from "../../vocabulary/errors.js";
import { MASK_TOKENS } from "./key.js";

/** A session on what a mock's mask sampler says. */
export const hostMaskTokens = defineHostPart(
  MASK_TOKENS.extension,
  (trunk: MockTrunk) => {
    const { maskSampler } = trunk.behaviour;
    invariant(maskSampler, `this model was loaded without ${MASK_TOKENS.what}`);
    return trunk.once("mask-tokens", () => trunk.another(maskSampler, "masks"));
  },
  ({ numMasks }) => numMasks > 0,
);
