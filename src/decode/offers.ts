import { applicable, type Chosen, withChoice } from "../vocabulary/chosen.js";
import { TriptychError, toWire, type WireError } from "../vocabulary/errors.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Decoder } from "./decoder.js";
import { COMMON_OPTIONS, type Option } from "./options.js";
import { asksInfill, encodeTexts } from "./parse-options.js";
import { type Plan, planRun } from "./engine/plan.js";
import { promptCanvas } from "./engine/prompt-canvas.js";

/** The models that a run may have, by what they can do. What drafts or weighs reads left to right, or fills in blocks. */
export interface Cast {
  target: Capabilities;
  causal?: Capabilities;
  blocks?: Capabilities;
}

/** Values beside which a choice works: those of the pane's own options, whole. */
export interface Adjusted {
  chosen: Chosen;
}

/** What can be chosen now. An option or a value that isn't named here is free. */
export interface Offers {
  /** What a run would end with as things stand; null where it would write. */
  refusal: WireError | null;
  /** Options that can't leave their default, with the reason. */
  closed: Record<string, string>;
  /** Values of options that are a choice: why one can't be taken, or what changes with it. */
  values: Record<string, Record<string, { reason: string } | Adjusted>>;
}

/** Tokens of a text that no drafter finds too short. */
const LONG_TEXT = 1024;
/** Values of other choices that are tried together, to make room for one. */
const MAX_CHANGED = 2;

/**
 * Which options and values a run could have, found by planning it with each of them: what the decoder's own checks say, and
 * nothing else. `given` is fixed; `chosen` are the options that a person may change. A choice may change those behind it in
 * the decoder's table, not those before it, so that every value can be reached from the top down.
 */
export async function offersOf(decoder: Decoder, cast: Cast, given: Chosen, chosen: Chosen): Promise<Offers> {
  const options = Object.entries<Option>(decoder.options).filter(([name]) => !Object.hasOwn(COMMON_OPTIONS, name));
  const refusal = (own: Chosen) => refusalOf(decoder, cast, { ...given, ...own });
  const offers: Offers = { refusal: await refusal(chosen), closed: {}, values: {} };
  // What is given may be at fault, whatever is chosen: that says nothing of the choices.
  const base = await refusal({});
  const fault = base && base.code !== "unsupported_model" ? base.message : null;
  for (const [index, [name, option]] of options.entries()) {
    if (Object.hasOwn(given, name) || name === "infill") continue;
    if (option.type !== "enum") {
      const error = await refusal(withChoice(options, chosen, name, otherValue(option)));
      if (
        error &&
        ![offers.refusal?.message, fault].includes(error.message) &&
        !error.message.startsWith(`${name} can't be `)
      ) {
        offers.closed[name] = error.message;
      }
      continue;
    }
    const others = options.slice(index + 1).filter(([, { type }]) => type === "enum");
    const found: Offers["values"][string] = {};
    for (const value of option.values) {
      const room = await findRoom(name, value, others);
      if (room && !("reason" in room && room.reason === fault)) found[value] = room;
    }
    const reason = sharedReason(option.values.filter((value) => value !== option.default).map((value) => found[value]));
    if (reason !== null) offers.closed[name] = reason;
    else if (Object.keys(found).length > 0) offers.values[name] = found;
  }
  for (const [name, option] of Object.entries<Option>(COMMON_OPTIONS)) {
    if (Object.hasOwn(given, name)) continue;
    const error = await refusal({ ...chosen, [name]: otherValue(option) });
    // Another value might be refused beside what is chosen; one that changes nothing is refused for any.
    if (error?.message.startsWith(`${name} changes nothing `)) offers.closed[name] = error.message;
  }
  return offers;

  /** What must change for a value, or why nothing would do; undefined where it goes with what is chosen. */
  async function findRoom(name: string, value: string, others: readonly [string, Option][]) {
    if (!(await refusal(withChoice(options, chosen, name, value)))) return undefined;
    const before = options
      .slice(
        0,
        options.findIndex(([option]) => option === name),
      )
      .map(([option]) => option);
    const kept = Object.fromEntries(Object.entries(chosen).filter(([option]) => before.includes(option)));
    const start = withChoice(options, kept, name, value);
    const first = await refusal(start);
    if (!first) return { chosen: start };
    // No option makes up for what a model lacks.
    for (let most = 1; most <= MAX_CHANGED && first.code !== "unsupported_model"; most++) {
      for (const changed of combinations(others, start, most)) {
        if (!(await refusal(changed))) return { chosen: changed };
      }
    }
    // A text that only this choice takes has its control once it is chosen.
    const texts = applicable(options, start).filter(([, { type }]) => type === "ids");
    for (const [text] of texts) if (!(await refusal({ ...start, [text]: "a text" }))) return { chosen: start };
    return { reason: first.message };
  }

  /** `from` with so many other choices at values that aren't their defaults. */
  function* combinations(others: readonly [string, Option][], from: Chosen, count: number): Generator<Chosen> {
    for (const [i, [name, option]] of others.entries()) {
      if (option.type !== "enum" || !applicable(options, from).some(([shown]) => shown === name)) continue;
      for (const value of option.values.filter((one) => one !== option.default)) {
        const next = withChoice(options, from, name, value);
        if (count === 1) yield next;
        else yield* combinations(others.slice(i + 1), next, count - 1);
      }
    }
  }
}

/** The reason that all of them have; null where one is free, or they differ. */
function sharedReason(offers: readonly ({ reason: string } | Adjusted | undefined)[]): string | null {
  const reasons = offers.map((offer) => (offer && "reason" in offer ? offer.reason : null));
  return reasons.every((reason) => reason === reasons[0]) ? (reasons[0] ?? null) : null;
}

/** What a run with these options ends with before it begins; null where nothing is known against it. */
export function refusalOf(decoder: Decoder, cast: Cast, raw: Chosen): WireError | null {
  const plan = (beside?: Capabilities) => rehearsedPlan(decoder, cast.target, beside, raw);
  try {
    try {
      plan(cast.causal);
    } catch (error) {
      if (!cast.blocks || !(error instanceof TriptychError) || error.code !== "unsupported_model") throw error;
      // Some sources draft by a model that fills in blocks.
      try {
        plan(cast.blocks);
      } catch {
        throw error;
      }
    }
    return null;
  } catch (error) {
    if (!(error instanceof TriptychError)) throw error;
    return toWire(error);
  }
}

/** The plan of a run of some prompt, with costs to be measured and texts long enough. Throws what the run would be refused for. */
export function rehearsedPlan(
  decoder: Decoder,
  target: Capabilities,
  draftCapabilities: Capabilities | undefined,
  raw: Chosen,
): Plan {
  const id = target.maskToken === 0 ? 1 : 0;
  const hole = target.maskToken !== null && asksInfill(raw) ? [target.maskToken] : [];
  // Which ids a text has is no matter here, but that they are enough.
  const options = encodeTexts(decoder.options, raw, () => new Array<number>(LONG_TEXT).fill(id));
  const canvas = promptCanvas([id, ...hole], hole[0] ?? null);
  // That vocabularies differ shows once both are loaded.
  const retokenizer = { difference: () => null, toOther: () => [], toOwn: () => [] };
  // Costs are measured before a run, and are no reason to refuse it.
  return planRun({ decoder, canvas, capabilities: target, draftCapabilities, retokenizer, options, isMeasured: true });
}

/** Some value that isn't the default, to see whether any may be given; undefined where that can't be told from the table. */
function otherValue(option: Option): unknown {
  if (option.type === "boolean") return !option.default;
  if (option.type !== "integer" && option.type !== "number") return undefined;
  const { default: usual, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = option;
  if (usual === null) return undefined;
  const step = option.type === "integer" ? 1 : 0.5;
  return [usual + step, usual - step].find((value) => value >= min && value <= max);
}
