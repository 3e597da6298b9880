// Over 300 lines: every type of option, from its description to its checked value.
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import { didYouMean, unknownOption } from "./unknown-option.js";

interface Described {
  /** Short name for a control. */
  label: string;
  /** One line: what it does. */
  doc: string;
  /** Anything but its default is refused unless each option named here has one of these values, "null" if unset: its control shows only then. */
  when?: Readonly<Record<string, readonly string[]>>;
  /** Heading that its control is folded under; left out: it stands among the first. */
  group?: string;
}

interface Numeric extends Described {
  /** `null`: the decoder chooses (see `doc`). */
  default: number | null;
  min?: number;
  max?: number;
  /** Exclusive lower limit. */
  above?: number;
}

type NumericOption = Numeric & { type: "integer" | "number" };

/** One option: what it takes, its limits and default, and the words for it. */
export type Option =
  | NumericOption
  /** `null`: as for numbers. */
  | (Described & { type: "enum"; values: readonly string[]; default: string | null })
  | (Described & { type: "strings"; default: readonly string[] })
  /** Token ids; people write a text, which `encodeTexts` turns into ids. `null`: none. */
  | (Described & { type: "ids"; default: null })
  /** From whole numbers. `keys`: what those are; `form`: how a pair is written, in short. */
  | (Described & { type: "map"; keys: string; form: string; default: Readonly<Record<string, number>> })
  | (Described & { type: "boolean"; default: boolean });

/** A decoder's options by snake_case name: validation, defaults, controls, flags and docs come from it. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The same table with its controls under a heading. */
export function grouped<T extends OptionTable>(group: string, table: T): T {
  return Object.fromEntries(
    Object.entries(table).map(([name, option]) => [name, { ...option, group }]),
  ) as unknown as T;
}

/** The value of one option, plain data. */
export type OptionValue =
  | number
  | string
  | boolean
  | readonly string[]
  | readonly TokenId[]
  | Readonly<Record<string, number>>
  | null;

/** Checked values of every option of a table, by snake_case name. */
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** The options that every decoder takes. */
export const COMMON_OPTIONS = {
  max_new_tokens: {
    type: "integer",
    label: "Length",
    doc: "Tokens to write at most, over all runs on one canvas; the context may end it earlier. transformers stops at 20 unless told, which is no story",
    default: 128,
    min: 0,
    max: 1_000_000,
  },
  temperature: {
    type: "number",
    label: "Temperature",
    doc: "0 is greedy, 1 is the model's own law; from 0.001 up to 100 otherwise",
    default: 0,
    min: 0,
    max: 100,
  },
  top_k: {
    type: "integer",
    label: "Top-k",
    doc: "Draw from the k likeliest tokens; 0 is off, where transformers has 50 unless told. Like top_p and min_p refused at temperature 0, where it would change nothing",
    default: 0,
    min: 0,
  },
  top_p: {
    type: "number",
    label: "Top-p",
    doc: "Draw from the fewest tokens that hold this probability; 1 is off",
    default: 1,
    above: 0,
    max: 1,
  },
  min_p: {
    type: "number",
    label: "Min-p",
    doc: "Drop tokens less likely than this share of the likeliest one; 0 is off",
    default: 0,
    min: 0,
    max: 1,
  },
  repetition_penalty: {
    type: "number",
    label: "Repetition penalty",
    doc: "Above 1: tokens that occurred become less likely; 1 is off",
    default: 1,
    min: 0.001,
    max: 100,
  },
  logit_bias: {
    type: "map",
    label: "Logit bias",
    doc: "Added to the logits of these token ids",
    keys: "token ids",
    form: "id:bias",
    default: {},
  },
  seed: {
    type: "integer",
    label: "Seed",
    doc: "The same seed gives the same text; at temperature 0 no token is drawn, and only random orders go by it",
    default: 0,
    min: 0,
    max: 0xffffffff,
  },
  stop: {
    type: "strings",
    label: "Stop at",
    doc: "End before the first of these texts; special tokens count by their names, as <|im_end|>",
    default: [],
  },
} as const satisfies OptionTable;

/** The same option where a decoder can honour its default alone: any other value is refused by name. */
export function fixed(option: NumericOption & { default: number }, doc: string): NumericOption {
  return { ...option, min: option.default, max: option.default, doc };
}

/** Whether an option has one value. */
export function isFixed(option: Option): boolean {
  return "min" in option && option.min !== undefined && option.min === option.max;
}

/** The option of decoders that can write into the middle of a text. */
export const INFILL_OPTION = {
  infill: {
    type: "boolean",
    label: "Infill",
    doc: "Fill the prompt's holes, written <mask:8> for eight tokens, and write nothing behind it",
    default: false,
  },
} as const satisfies OptionTable;

/** Whether raw options ask for infilling: what reads a text prompt must know before the options are parsed. */
export function asksInfill({ infill }: Readonly<Record<string, unknown>>): boolean {
  return infill === true || infill === "true";
}

const SMALLEST_TEMPERATURE = 0.001;

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

/** The number that an option holds. Throws when it is unset or not a number. */
export function numberOption(values: OptionValues, name: string): number {
  const value = values[name];
  if (typeof value !== "number") throw new InvalidOptionError(`${name} is not a number here but ${show(value)}.`);
  return value;
}

const FLOATS = "32-bit floats hold, of magnitudes from 1.2e-38 to 3.4e38";
const LEAST_NORMAL_FLOAT = 2 ** -126;

/** Whether the device, which computes in 32-bit floats, can hold a number: others are infinite there, or 0. */
function fitsFloat(number: number): boolean {
  const held = Math.abs(Math.fround(number));
  return number === 0 || (held >= LEAST_NORMAL_FLOAT && Number.isFinite(held));
}

/** The error for an option value: name, value, what is allowed. */
export function invalidValue(name: string, value: unknown, allowed: string): InvalidOptionError {
  return new InvalidOptionError(`${name} can't be ${show(value)}: ${allowed}.`);
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
  const isText = typeof value === "string" && value.trim() !== "";
  const number = typeof value === "number" ? value : isText ? Number(value) : Number.NaN;
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

function show(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  return JSON.stringify(value) ?? String(value);
}

/** Refuses an id that the vocabulary lacks; `where`: what it was given as. */
export function checkId(id: TokenId, vocabSize: number, where: string): void {
  if (Number.isInteger(id) && id >= 0 && id < vocabSize) return;
  throw new InvalidOptionError(`${where}: id ${id} is outside the vocabulary, 0 to ${vocabSize - 1}.`, "bad_token");
}
