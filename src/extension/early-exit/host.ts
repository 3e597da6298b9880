import { defineHostPart } from "../../backend/host/part.js";
import { invariant } from "../../vocabulary/errors.js";
import type { EarlyExit } from "./key.js";

/** A session for each number of layers, on what a mock says that those say. */
export const hostEarlyExits = defineHostPart("early-exit", (trunk, { numLayers }: EarlyExit) => {
  const all = trunk.capabilities.numLayers;
  invariant(numLayers >= 1 && numLayers < all, `${numLayers} layers of ${all}: at least 1, and fewer than all`);
  return trunk.once(`first ${numLayers}`, () => trunk.another(trunk.behaviour.shallow(numLayers), "nothing"));
});
