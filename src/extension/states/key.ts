import type { ExtensionKey } from "../../seam/extension.js";
import type { States } from "../../seam/states.js";

/** Asks for room for the states of a session's rows; the same one when asked again. */
export const STATES: ExtensionKey<States> = { extension: "states", what: "room for states" };
