import type { ExtensionKey } from "../../seam/extension.js";
import type { Session } from "../../seam/session.js";

/**
 * The session on the sampler head of the adapter that a model was loaded with (arXiv 2507.11851): each row reads the state of a mask
 * row and the token before what that row predicts; it keeps nothing.
 */
export const MASK_TOKENS: ExtensionKey<Session> = {
  extension: "mask-tokens",
  what: "an adapter",
  how: "load(url, { adapter }), or --adapter",
};
