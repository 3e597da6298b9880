import type { ExtensionKey } from "../../../seam/extension.js";
import type { Session } from "../../../seam/session.js";
import { invariant } from "../../../vocabulary/errors.js";
import { definePart, type Part, type Runnable } from "./part.js";
import { WebGpuSession } from "./webgpu-session.js";

/** The part of an extension that is a model of its own, whose sessions read the states that this one's forwards leave. */
export function readingPart({ extension, what }: ExtensionKey<Session>, model: Runnable): Part {
  return definePart(extension, (trunk) => {
    invariant(trunk.isWhole, `this model was loaded without ${what}`);
    const session = WebGpuSession.make(model, model.transformer.layers.length, trunk.states());
    return { one: () => session, dispose: () => session.dispose() };
  });
}
