import { InvalidOptionError } from "../vocabulary/errors.js";
import { type ModelRef, modelRef, modelUrl } from "../worker/client.js";

/** The part a model plays in a set. */
export type Role = "target" | "draft" | "diffusion";

/** Model URLs by role, as written on the element. */
export type ModelSet = Partial<Record<Role, string>>;

/** Folders under the `models` base URL, by the family's name. */
export const FAMILIES: Record<string, { label: string; note: string; folders: ModelSet }> = {
  story: {
    label: "story (5.5M, three models)",
    note: "The story models have 5.5 million parameters: small demonstrations whose plots wander.",
    folders: { target: "story-ar", draft: "story-draft", diffusion: "story-diffusion" },
  },
  stories260k: {
    label: "stories260k (Llama, drafts for itself)",
    note: "stories260k has 260 thousand parameters: a toy that shows the machinery. It has no diffusion model.",
    folders: { target: "stories260k", draft: "stories260k" },
  },
};

/** The model for a role: the role's own attribute, else the family's folder under `models`. */
export function resolveModel(role: Role, set: ModelSet, models: string | undefined, family = "story"): ModelRef {
  const own = set[role];
  if (own) return modelRef(own);
  const isOwnSet = Object.values(set).some(Boolean);
  const folder = FAMILIES[family]?.folders[role];
  if (models && folder && !isOwnSet) return modelRef(new URL(folder, modelUrl(models)));
  if (isOwnSet || models) {
    throw new InvalidOptionError(
      `This set has no ${role} model. Choose another set, or give the folder's URL in the attribute "${role}".`,
      "no_such_role",
    );
  }
  throw new InvalidOptionError(
    'No models are set. Give the attribute "models" (the folder that holds story-ar, story-draft and ' +
      'story-diffusion), or "target", "draft" and "diffusion".',
    "missing_model",
  );
}
