import { InvalidOptionError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";

interface Described {
  /** Short name for a control. */
  label: string;
  /** One line: what it does. */
  doc: string;
  /** Anything but its default is refused unless each option named here has one of these values, "null" if unset: its control shows only then. */
  when?: Readonly<Record<string, readonly string[]>>;
  /** Heading that its control is folded under; left out: it stands among the first. */
  group?: string;
  /** Only where the name is that of an option of all decoders, and this one means something else by it: what, for who gave the other. */
  ownMeaning?: string;
}

/** An option that takes numbers. */
export interface Numeric extends Described {
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

/** The number that an option holds. Throws when it is unset or not a number. */
export function numberOption(values: OptionValues, name: string): number {
  const value = values[name];
  if (typeof value !== "number") throw new InvalidOptionError(`${name} is not a number here but ${show(value)}.`);
  return value;
}

/** The error for an option value: name, value, what is allowed. */
export function invalidValue(name: string, value: unknown, allowed: string): InvalidOptionError {
  return new InvalidOptionError(`${name} can't be ${show(value)}: ${allowed}.`);
}

/** Refuses an id that the vocabulary lacks; `where`: what it was given as. */
export function checkId(id: TokenId, vocabSize: number, where: string): void {
  if (Number.isInteger(id) && id >= 0 && id < vocabSize) return;
  throw new InvalidOptionError(`${where}: id ${id} is outside the vocabulary, 0 to ${vocabSize - 1}.`, "bad_token");
}

function show(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  return JSON.stringify(value) ?? String(value);
}
