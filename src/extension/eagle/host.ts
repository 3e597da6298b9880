import { defineHostPart, type MockTrunk } from "../../backend/host/part.js";
import { invariant } from "../../vocabulary/errors.js";
import { EAGLE } from "./key.js";

/** A session on what a mock says that its head says, where that is an EAGLE head. */
export const hostEagle = defineHostPart(
  EAGLE.extension,
  (trunk: MockTrunk) => {
    const { head } = trunk.behaviour;
    invariant(head, `this model was loaded without ${EAGLE.what}`);
    return trunk.once("head", () => trunk.another(head, "states"));
  },
  ({ head }) => head === "eagle",
);
