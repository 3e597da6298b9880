import type { ExtensionKey } from "../../../seam/extension.js";
import type { Session } from "../../../seam/session.js";
import { invariant } from "../../../vocabulary/errors.js";
import { defineHostPart, type HostPart } from "../../host/part.js";
import type { OnnxTrunk, Running } from "./running.js";

/** The part of an extension that is a model of its own, whose sessions read the states that this one's forwards leave. */
export function readingPart({ extension, what }: ExtensionKey<Session>, model: Running): HostPart<OnnxTrunk> {
  return defineHostPart(extension, (trunk: OnnxTrunk) => {
    invariant(trunk.isWhole, `this model was loaded without ${what}`);
    return trunk.once(extension, () => trunk.reading(model));
  });
}
