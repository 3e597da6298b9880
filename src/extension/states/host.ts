import { defineHostPart } from "../../backend/host/part.js";
import { HostStates } from "../../backend/host/stores.js";

/** One room a session. */
export const hostStates = defineHostPart("states", (trunk) => trunk.once("states", () => new HostStates(trunk)));
