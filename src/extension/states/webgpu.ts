import { definePart } from "../../backend/webgpu/session/part.js";
import { StateStore } from "../../backend/webgpu/session/state-store.js";

/** One room a session. */
export const states = definePart("states", (trunk) => {
  const store = new StateStore(trunk);
  return { one: () => store };
});
