import { a2dLlama, a2dQwen2, a2dQwen3 } from "./a2d.js";
import type { ConfigFields } from "./config-fields.js";
import type { Family } from "./family.js";
import { llama } from "./llama.js";
import { qwen2 } from "./qwen2.js";
import { qwen3 } from "./qwen3.js";
import { addScalings } from "./rope-frequencies.js";

/** Families of the package's own models, which a first run needs, and their nearest; those of `other-families.ts` behind them, once they are loaded. */
const FAMILIES: Family[] = [llama, qwen2, qwen3, a2dQwen3, a2dQwen2, a2dLlama];

type Refusal = (config: ConfigFields, modelType: string, known: readonly string[]) => Error;

/** What says why a model isn't run, once it is loaded with the other families. */
let refusal: Refusal | null = null;

/**
 * Sees that whatever a parsed `config.json` names is known: for a model of another family than the package's own, or of rotations that are
 * scaled, one file more is loaded. Whoever parses a config awaits this before.
 */
export async function loadFamilies(json: unknown): Promise<void> {
  if (refusal || isOwn(json)) return;
  const others = await import("./other-families.js");
  // Two loads may have waited for it.
  if (refusal) return;
  FAMILIES.push(...others.OTHER_FAMILIES);
  addScalings(others.SCALINGS);
  refusal = others.refusal;
}

/** Whether a config is of a family that is always here, its rotations as they were trained. */
function isOwn(json: unknown): boolean {
  if (typeof json !== "object" || json === null) return false;
  const { model_type, rope_scaling, rope_parameters } = json as Record<string, unknown>;
  return typeof model_type === "string" && !!familyOf(model_type) && [rope_scaling, rope_parameters].every(isPlainRope);
}

function isPlainRope(rope: unknown): boolean {
  if (typeof rope !== "object" || rope === null) return true;
  const { rope_type, type, factor } = rope as Record<string, unknown>;
  return (rope_type ?? type ?? "default") === "default" && factor === undefined;
}

/** Every family that can be loaded, as far as it is here. */
export function families(): readonly Family[] {
  return FAMILIES;
}

/** The family of a `model_type`, if it is known. */
export function familyOf(modelType: string): Family | undefined {
  return FAMILIES.find(({ types }) => types.includes(modelType));
}

/** The family whose configs have this `model_type` of another family's. */
export function aliasOf(modelType: string): Family | undefined {
  return FAMILIES.find(({ alias }) => alias?.type === modelType);
}

/** The error of a config that is of no family, with what is known of it. */
export function unknownFamily(config: ConfigFields, modelType: string): Error {
  if (!refusal) return new Error(`families were not loaded before ${modelType} was read`);
  const known = FAMILIES.flatMap(({ types }) => types);
  return refusal(config, modelType, known);
}
