import type { ExtensionKey } from "../../seam/extension.js";
import type { Session } from "../../seam/session.js";

/** So many of a model's first layers. */
export interface EarlyExit extends ExtensionKey<Session> {
  readonly numLayers: number;
}

/**
 * The session on the first `numLayers` layers (fewer than all) of a session's model, which ends in the model's own final norm and LM
 * head. It has a cache of its own.
 */
export const earlyExit = (numLayers: number): EarlyExit => ({
  extension: "early-exit",
  what: "early exits",
  numLayers,
});

/** Whether a key asks for so many first layers. */
export function isEarlyExit(key: ExtensionKey<Session>): key is EarlyExit {
  return key.extension === "early-exit";
}
