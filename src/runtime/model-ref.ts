import type { CacheFormat } from "../seam/cache-format.js";
import type { WeightsChoice } from "../seam/rounding.js";
import { AUTO } from "../vocabulary/device.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { numberOf } from "../vocabulary/number-text.js";

/** A model to load, as plain data: its folder and how to load it. Two refs of equal content are one model. */
export interface ModelRef {
  /** The model folder: an absolute URL with a final slash on a page, a path on the command line. */
  url: string;
  /** Longest sequence to make room for, in tokens; left out: what the model allows, at most 2,048. */
  context?: number;
  /** `context` is the most that is needed, as of a second model. */
  isContextAtMost?: boolean;
  /** How a model that fills masks reads, where its config doesn't say. */
  blockLength?: number | "full";
  /** Rounds the weights at load. */
  weights?: WeightsChoice;
  /** How keys and values are kept; left out: in f32. */
  kvCache?: CacheFormat;
  /** Most bytes that it may take on the device, with one text. */
  memoryLimit?: number;
  /** Which of the folder's ONNX files has the weights, by transformers.js's word for it; left out: one is read where there is nothing else. */
  dtype?: string;
  /** Folder of a head. */
  head?: string;
  /** Folder of an adapter with mask tokens. */
  adapter?: string;
  /** Folder of a LoRA adapter, which is added to the weights as they are read. */
  lora?: string;
  /** Folder whose tokenizer the model has, where its own has none. */
  tokenizer?: string;
  /** Times the kernels before the load. */
  tune?: boolean;
  /** Looks behind each layer whether its numbers are finite. */
  debug?: boolean;
  /** Name of the device that it runs on; left out: `auto`. */
  device?: string;
}

const FIELDS = [
  "url",
  "context",
  "isContextAtMost",
  "blockLength",
  "weights",
  "kvCache",
  "memoryLimit",
  "dtype",
  "head",
  "adapter",
  "lora",
  "tokenizer",
  "tune",
  "debug",
  "device",
] as const;

/** One text for all refs of equal content: what isn't set, is false, is a cache in f32, or is the device `auto`, counts for nothing. */
export function keyOf(ref: ModelRef): string {
  const kvCache = ref.kvCache === "f32" ? null : ref.kvCache;
  const own = { ...ref, kvCache, device: ref.device === AUTO ? null : ref.device };
  return JSON.stringify(FIELDS.map((name) => (own[name] === false ? null : (own[name] ?? null))));
}

type Read = (text: string, name: string, resolve: (url: string) => string) => unknown;

const size: Read = (text, name) => {
  const number = numberOf(text);
  if (number !== null) return number;
  throw new InvalidOptionError(`${name} in a model's address can't be ${JSON.stringify(text)}: give a whole number.`);
};
const flag: Read = (text, name) => {
  if (text === "true" || text === "false") return text === "true";
  throw new InvalidOptionError(`${name} in a model's address can't be ${JSON.stringify(text)}: give true or false.`);
};
const folder: Read = (text, _, resolve) => resolve(text);

/** The load options of a fragment: as which field, read how. */
const IN_FRAGMENT: Readonly<Record<string, [keyof ModelRef, Read]>> = {
  context: ["context", size],
  block_length: ["blockLength", (text, ...how) => (text === "full" ? text : size(text, ...how))],
  // The loader refuses other names.
  weights: ["weights", (text) => text],
  kv_cache: ["kvCache", (text) => text],
  memory_limit: ["memoryLimit", size],
  dtype: ["dtype", (text) => text],
  head: ["head", folder],
  adapter: ["adapter", folder],
  lora: ["lora", folder],
  tokenizer: ["tokenizer", folder],
  tune: ["tune", flag],
  debug: ["debug", flag],
  // The runtime refuses other names.
  device: ["device", (text) => text],
};

/**
 * The ref of a URL whose fragment holds load options, as `#context=512&weights=q8&head=URL&block_length=full`: the one place that
 * knows fragments. `resolve` makes the addresses within absolute. Throws `InvalidOptionError` for an option that there isn't, and for what
 * is no number, true or false; what a model allows of them is checked at the load.
 */
export function refOfUrl(url: string, resolve: (url: string) => string): ModelRef {
  const ref: Record<string, unknown> = { url: url.replace(/#.*$/, "") };
  for (const [name, text] of new URLSearchParams(new URL(url).hash.slice(1))) {
    if (!Object.hasOwn(IN_FRAGMENT, name)) {
      throw new InvalidOptionError(
        `A model's address has no option ${JSON.stringify(name)} behind its #. There are ${Object.keys(IN_FRAGMENT).join(", ")}.`,
      );
    }
    const [field, read] = IN_FRAGMENT[name];
    if (field in ref) throw new InvalidOptionError(`${name} is given twice in a model's address. Give it once.`);
    ref[field] = read(text, name, resolve);
  }
  return ref as unknown as ModelRef;
}

/** The ref without fields that are `undefined`. */
export function withoutUnset<T extends object>(ref: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(ref).filter(([, value]) => value !== undefined)) as never;
}
