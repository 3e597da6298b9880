import { defineHostPart } from "../../backend/host/part.js";
import { invariant } from "../../vocabulary/errors.js";
import type { EarlyExit } from "./key.js";

/** A session for each number of layers, on those. */
export const hostEarlyExits = defineHostPart("early-exit", (trunk, { numLayers }: EarlyExit) => {
  const all = trunk.owner.capabilities.numLayers;
  invariant(numLayers >= 1 && numLayers < all, `${numLayers} layers of ${all}: at least 1, and fewer than all`);
  return trunk.once(`first ${numLayers}`, () => trunk.onLayers(numLayers));
});
