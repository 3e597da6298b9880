import type { Fidelity, Role } from "../vocabulary/events.js";
import type { Capabilities } from "../seam/capabilities.js";
import { secondRole } from "./companion.js";
import type { Decoder } from "./decoder.js";
import type { Plan } from "./engine/plan.js";
import type { Chosen } from "../vocabulary/chosen.js";
import { rehearsedPlan, refusalOf } from "./offers.js";
import { parseOptions } from "./parse-options.js";

/** What a model is cast as: it writes the text, or stands beside the one that does. */
export type Part = "model" | Role;

/** For each part the names of the models that may take it, those to be tried first in front. */
export type Preferences = Readonly<Partial<Record<Part, readonly string[]>>>;

/** Models at hand, by name. Null: what it can do isn't known before it is loaded, so that it may fit. */
export type AtHand = ReadonlyMap<string, Capabilities | null>;

/** Which model takes which part of a run, and what its text would be. */
export interface Casting {
  /** Names of models by part; parts that the run does without are left out. */
  roles: Partial<Record<Part, string>>;
  /** Null where it isn't known yet. */
  fidelity: Fidelity | null;
}

/**
 * The first models in order of preference that a run with these options can have; null where none at hand can. Found by planning the run
 * with each, so that nothing but the decoder's own needs decides. Options that are wrong with every model say so once they run.
 */
export function castOf(decoder: Decoder, atHand: AtHand, prefer: Preferences, options: Chosen): Casting | null {
  const named = (part: Part) => (prefer[part] ?? []).filter((name) => atHand.has(name));
  const cast = castKnown(decoder, atHand, prefer, options);
  if (cast) return cast;
  const isWrong = named("model").some((name) => {
    const target = atHand.get(name);
    return target && refusalOf(decoder, { target }, options)?.code !== "unsupported_model";
  });
  const plain = isWrong ? castKnown(decoder, atHand, prefer, {}) : null;
  if (plain) return plain;
  const unknown = named("model").find((name) => atHand.get(name) === null);
  return unknown === undefined
    ? null
    : { roles: { model: unknown, ...guessed(decoder, options, named) }, fidelity: null };
}

function castKnown(decoder: Decoder, atHand: AtHand, prefer: Preferences, options: Chosen): Casting | null {
  const named = (part: Part) => (prefer[part] ?? []).filter((name) => atHand.has(name));
  const roles = (Object.keys(prefer) as Part[]).filter((part): part is Role => part !== "model");
  for (const model of named("model")) {
    const target = atHand.get(model);
    if (!target) continue;
    const alone = attempt(decoder, target, undefined, options);
    if (alone) return { roles: { model }, fidelity: fidelityOf(decoder, target, alone) };
    for (const role of roles) {
      for (const name of named(role)) {
        // One that isn't known yet is taken for a model like the target.
        const plan = attempt(decoder, target, atHand.get(name) ?? target, options);
        if (!plan || secondRole(plan.needs.beside) !== role) continue;
        return { roles: { model, [role]: name }, fidelity: fidelityOf(decoder, target, plan) };
      }
    }
  }
  return null;
}

/** The model whose lack of something the casting's failure is told by: the one that lacks least. */
export function closestOf(decoder: Decoder, atHand: AtHand, prefer: Preferences, options: Chosen): Capabilities | null {
  const known = (prefer.model ?? []).flatMap((name) => atHand.get(name) ?? []);
  // A refusal names all that is missing, one behind the other.
  const lacks = (target: Capabilities) => (refusalOf(decoder, { target }, options)?.message ?? "").split("; ").length;
  return known.toSorted((a, b) => lacks(a) - lacks(b))[0] ?? null;
}

function attempt(
  decoder: Decoder,
  target: Capabilities,
  beside: Capabilities | undefined,
  options: Chosen,
): Plan | null {
  try {
    return rehearsedPlan(decoder, target, beside, options);
  } catch {
    return null;
  }
}

function fidelityOf(decoder: Decoder, capabilities: Capabilities, { canvas, maxNewTokens, options }: Plan): Fidelity {
  return decoder.claim({ canvas, capabilities, maxNewTokens, options }).fidelity;
}

/** Who stands beside a model that isn't known yet, by the options alone. */
function guessed(decoder: Decoder, options: Chosen, named: (part: Part) => string[]): Casting["roles"] {
  try {
    const role = secondRole(decoder.needs(parseOptions(decoder.options, options)).beside);
    const [name] = role ? named(role) : [];
    return role && name !== undefined ? { [role]: name } : {};
  } catch {
    return {};
  }
}
