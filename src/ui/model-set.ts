import { AUTO } from "../vocabulary/device.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { type ModelRef, modelRef, modelUrl, type Preferences, type RunPlan } from "../worker/client.js";

/** A model's name in a set: the attribute that gives it. */
export type ModelName = "target" | "draft" | "diffusion";

/** All of them, in the order in which they are shown. */
export const MODEL_NAMES: readonly ModelName[] = ["target", "draft", "diffusion"];

/** Model URLs by name, as written on the element. */
export type ModelSet = Partial<Record<ModelName, string>>;

/** Models by name. */
export type Models = Readonly<Record<string, ModelRef>>;

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

/** Which model of a set is tried first for which part; `judge`: the one that weighs. */
export function preferences(judge: ModelName): Preferences {
  return { model: ["target", "diffusion"], drafter: ["draft", "diffusion"], judge: [judge] };
}

/** The models of a set, on a device: those of the element's own attributes if it has any, else the family's folders under `models`. */
export function modelsOf(set: ModelSet, models: string | undefined, device: string, family = "story"): Models {
  // Without a choice an address may hold one behind its #.
  const how = device === AUTO ? {} : { device };
  const own = Object.entries(set).filter(([, url]) => url);
  if (own.length > 0) return Object.fromEntries(own.map(([name, url]) => [name, modelRef(url, how)]));
  if (!models) return {};
  const folders = Object.entries(FAMILIES[family]?.folders ?? {});
  return Object.fromEntries(folders.map(([name, folder]) => [name, modelRef(new URL(folder, modelUrl(models)), how)]));
}

/** The model of a name. Throws `InvalidOptionError` that says how to give it. */
export function modelOf(models: Models, name: string): ModelRef {
  if (models[name]) return models[name];
  if (Object.keys(models).length === 0) {
    throw new InvalidOptionError(
      'No models are set. Give the attribute "models" (the folder that holds story-ar, story-draft and ' +
        'story-diffusion), or "target", "draft" and "diffusion".',
      "missing_model",
    );
  }
  throw new InvalidOptionError(
    `This set has no ${name} model. Choose another set, or give the folder's URL in the attribute "${name}".`,
    "no_such_role",
  );
}

/**
 * The models that a plan casts, the one that writes first. Throws `InvalidOptionError` where none at hand can: with the first of `wanted`, by
 * name, that the set hasn't, or with what the model that lacks least lacks.
 */
export function castModels(
  { roles, refusal }: Pick<RunPlan, "roles" | "refusal">,
  models: Models,
  wanted: readonly ModelName[],
): ModelRef[] {
  if (roles) {
    const { model, ...beside } = roles;
    return [model, ...Object.values(beside)].flatMap((name) => (name === undefined ? [] : [modelOf(models, name)]));
  }
  for (const name of wanted) modelOf(models, name);
  throw new InvalidOptionError(
    refusal?.message ?? "No model of this set can write so.",
    refusal?.code ?? "no_such_role",
  );
}
