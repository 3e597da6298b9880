import { InvalidOptionError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import { asNumber } from "../vocabulary/number-text.js";
import {
  invalidValue,
  type Numeric,
  type Option,
  type OptionTable,
  type OptionValue,
  type OptionValues,
} from "./options.js";
import { didYouMean, unknownOption } from "./unknown-option.js";

const SMALLEST_TEMPERATURE = 0.001;
const FLOATS = "32-bit floats hold, of magnitudes from 1.2e-38 to 3.4e38";
const LEAST_NORMAL_FLOAT = 2 ** -126;

/**
 * Checks raw options against a table and fills in defaults. Names may be snake_case, camelCase or kebab-case; values may
 * be strings, as from a command line. `undefined` counts as not given.
 * Throws `InvalidOptionError` that names the option, the value and what is allowed.
 */
export function parseOptions(table: OptionTable, raw: Readonly<Record<string, unknown>>): OptionValues {
  const given = new Map<string, unknown>();
  for (const [written, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    const name = snakeCase(written);
    if (!Object.hasOwn(table, name)) throw unknownOption(written, name, Object.keys(table));
    if (given.has(name)) throw new InvalidOptionError(`${name} is given twice, in two spellings. Give it once.`);
    given.set(name, value);
  }
  const values: Record<string, OptionValue> = {};
  for (const [name, option] of Object.entries(table)) {
    values[name] = given.has(name) ? parseValue(name, option, given.get(name)) : option.default;
  }
  return values;
}

/** Raw options whose texts for options of token ids are ids by this tokenizer: for the edge, where tokenizers are. */
export function encodeTexts(
  table: OptionTable,
  raw: Readonly<Record<string, unknown>>,
  encode: (text: string) => TokenId[],
): Record<string, unknown> {
  const entries = Object.entries(raw).map(([written, value]): [string, unknown] => {
    const name = snakeCase(written);
    const takesIds = Object.hasOwn(table, name) && table[name].type === "ids";
    return [written, takesIds && typeof value === "string" ? encode(value) : value];
  });
  return Object.fromEntries(entries);
}

/** An option's own name for one that was written in snake_case, camelCase or kebab-case. */
export function snakeCase(name: string): string {
  return name.replaceAll("-", "_").replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The names of raw options that are given. */
export function namesOf(raw: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const given = Object.entries(raw).filter(([, value]) => value !== undefined);
  return new Set(given.map(([name]) => snakeCase(name)));
}

/** Whether raw options ask for infilling: what reads a text prompt must know before the options are parsed. */
export function asksInfill({ infill }: Readonly<Record<string, unknown>>): boolean {
  return infill === true || infill === "true";
}

function invalidChoice(name: string, value: unknown, values: readonly string[]): InvalidOptionError {
  const hint = typeof value === "string" ? didYouMean(value, values) : "";
  return new InvalidOptionError(`${invalidValue(name, value, `choose ${values.join(" or ")}`).message}${hint}`);
}

function parseValue(name: string, option: Option, value: unknown): OptionValue {
  switch (option.type) {
    case "integer":
    case "number":
      return parseNumber(name, option, value);
    case "enum":
      if (value === null && option.default === null) return null;
      if (typeof value === "string" && option.values.includes(value)) return value;
      throw invalidChoice(name, value, option.values);
    case "boolean":
      if (typeof value === "boolean") return value;
      if (value === "true" || value === "false") return value === "true";
      throw invalidValue(name, value, "give true or false");
    case "strings":
      return parseStrings(name, value);
    case "ids":
      return parseIds(name, value);
    case "map":
      return parseMap(name, option.keys, value);
  }
}

function parseNumber(name: string, option: Option & Numeric, value: unknown): number | null {
  if (value === null && option.default === null) return null;
  const number = asNumber(value);
  const { min, max, above } = option;
  const isValid =
    Number.isFinite(number) &&
    (option.type === "number" || Number.isSafeInteger(number)) &&
    (min === undefined || number >= min) &&
    (above === undefined || number > above) &&
    (max === undefined || number <= max) &&
    (name !== "temperature" || number === 0 || number >= SMALLEST_TEMPERATURE);
  if (!isValid) throw invalidValue(name, value, `give ${describeNumbers(name, option)}`);
  if (option.type === "number" && !fitsFloat(number))
    throw invalidValue(name, value, `give ${describeNumbers(name, option)} that ${FLOATS}`);
  return number;
}

function describeNumbers(name: string, { type, min, max, above }: Option & Numeric): string {
  if (min !== undefined && min === max) return `${min}, which is all that this decoder takes`;
  const kind = type === "integer" ? "an integer" : "a number";
  if (name === "temperature") return `0 (greedy) or ${kind} from ${SMALLEST_TEMPERATURE} to ${max}`;
  const lower = above !== undefined ? ` above ${above}` : min !== undefined ? ` from ${min}` : "";
  return `${kind}${lower}${max === undefined ? (lower === "" ? "" : " up") : ` to ${max}`}`;
}

function parseStrings(name: string, value: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item !== "string" || item === "") throw invalidValue(name, item, "give non-empty texts");
    return item;
  });
}

function parseIds(name: string, value: unknown): readonly TokenId[] | null {
  if (value === null) return null;
  if (!Array.isArray(value)) throw invalidValue(name, value, "give a text where there is a tokenizer, or token ids");
  const bad = value.findIndex((id) => !Number.isSafeInteger(id) || id < 0);
  if (bad >= 0) throw invalidValue(`${name}[${bad}]`, value[bad], "give token ids");
  return value;
}

function parseMap(name: string, keys: string, value: unknown): Readonly<Record<string, number>> {
  const allowed = `give ${keys} with finite numbers, as {"5": -1.5}`;
  let map = value;
  if (typeof value === "string") {
    try {
      map = JSON.parse(value);
    } catch {
      throw invalidValue(name, value, allowed);
    }
  }
  if (map instanceof Map) map = Object.fromEntries(map);
  if (typeof map !== "object" || map === null || Array.isArray(map)) throw invalidValue(name, value, allowed);
  const entries = Object.entries(map).map(([id, bias]): [string, number] => {
    if (!/^\d+$/.test(id) || typeof bias !== "number" || !Number.isFinite(bias)) {
      throw invalidValue(name, { [id]: bias }, allowed);
    }
    if (!fitsFloat(bias)) throw invalidValue(name, { [id]: bias }, `give ${keys} with numbers that ${FLOATS}`);
    return [String(Number(id)), bias];
  });
  const parsed = Object.fromEntries(entries);
  if (Object.keys(parsed).length < entries.length) {
    throw invalidValue(name, map, `give each of the ${keys} once, as 3 beside 03 isn't`);
  }
  return parsed;
}

/** Whether the device, which computes in 32-bit floats, can hold a number: others are infinite there, or 0. */
function fitsFloat(number: number): boolean {
  const held = Math.abs(Math.fround(number));
  return number === 0 || (held >= LEAST_NORMAL_FLOAT && Number.isFinite(held));
}
