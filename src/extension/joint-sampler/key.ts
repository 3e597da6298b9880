import type { ExtensionKey } from "../../seam/extension.js";
import type { Session } from "../../seam/session.js";

/**
 * The session on the joint sampler (arXiv 2509.22738) that a model was loaded with: it reads a canvas and the states of its positions,
 * and predicts masks in place. It has a cache of its own.
 */
export const JOINT_SAMPLER: ExtensionKey<Session> = {
  extension: "joint-sampler",
  what: "a joint sampler",
  how: "load(url, { head }), or --head",
};

/** The norms of a joint sampler, by the names of its weights' file, without those of its layers. */
export const JOINT_NORMS = {
  token: "norm_embed.0.weight",
  feature: "norm_hidden.0.weight",
  last: "norm_postattn.0.weight",
} as const;
