import { defineHostPart } from "../../backend/host/part.js";

/** One more session on the same law. */
export const hostTwin = defineHostPart("twin", (trunk) =>
  trunk.once("twin", () => trunk.another(trunk.law, "nothing")),
);
