import type { ExtensionKey } from "../../seam/extension.js";
import type { Session } from "../../seam/session.js";

/**
 * The session on the EAGLE head (arXiv 2401.15077) that a model was loaded with: a few layers that read the next token and the state
 * before it, and end in the model's own LM head. Its row i is that of token i + 1. It has a cache of its own.
 */
export const EAGLE: ExtensionKey<Session> = {
  extension: "eagle",
  what: "an EAGLE head",
  how: "load(url, { head }), or --head",
};
