import { definePart } from "../../backend/webgpu/session/part.js";
import { WebGpuSession } from "../../backend/webgpu/session/webgpu-session.js";

/** One more session on the same layers. */
export const twin = definePart("twin", ({ running, sequence }) => {
  const session = WebGpuSession.make(running, sequence.numLayers);
  return { one: () => session, dispose: () => session.dispose() };
});
