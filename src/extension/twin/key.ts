import type { ExtensionKey } from "../../seam/extension.js";
import type { Session } from "../../seam/session.js";

/** Another session on a session's model, for what is read beside it. */
export const TWIN: ExtensionKey<Session> = { extension: "twin", what: "twins" };
