import { defineHostPart } from "../../backend/host/part.js";

/** One more session on the same layers. */
export const hostTwin = defineHostPart("twin", (trunk) =>
  trunk.once("twin", () => trunk.onLayers(trunk.owner.capabilities.numLayers)),
);
