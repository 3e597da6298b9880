import { definePart } from "../../backend/webgpu/session/part.js";
import { WebGpuSession } from "../../backend/webgpu/session/webgpu-session.js";
import { invariant } from "../../vocabulary/errors.js";
import type { EarlyExit } from "./key.js";

/** A session for each number of layers. */
export const earlyExits = definePart("early-exit", ({ running }) => {
  const all = running.transformer.layers.length;
  const sessions = new Map<number, WebGpuSession>();
  return {
    one({ numLayers }: EarlyExit): WebGpuSession {
      invariant(numLayers >= 1 && numLayers < all, `${numLayers} layers of ${all}: at least 1, and fewer than all`);
      const session = sessions.get(numLayers) ?? WebGpuSession.make(running, numLayers);
      sessions.set(numLayers, session);
      return session;
    },
    dispose: () => {
      for (const session of sessions.values()) session.dispose();
    },
  };
});
