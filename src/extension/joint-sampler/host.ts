import { defineHostPart, type MockTrunk } from "../../backend/host/part.js";
import { invariant } from "../../vocabulary/errors.js";
import { JOINT_SAMPLER } from "./key.js";

/** A session on what a mock says that its head says, where that is a joint sampler. */
export const hostJointSampler = defineHostPart(
  JOINT_SAMPLER.extension,
  (trunk: MockTrunk) => {
    const { head } = trunk.behaviour;
    invariant(head, `this model was loaded without ${JOINT_SAMPLER.what}`);
    return trunk.once("head", () => trunk.another(head, "states"));
  },
  ({ head }) => head === "joint",
);
