import type { Rounding } from "../seam/rounding.js";

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
  weights?: Rounding;
  /** Folder of a head. */
  head?: string;
  /** Folder of an adapter with mask tokens. */
  adapter?: string;
  /** Times the kernels before the load. */
  tune?: boolean;
  /** Looks behind each layer whether its numbers are finite. */
  debug?: boolean;
}

const FIELDS = [
  "url",
  "context",
  "isContextAtMost",
  "blockLength",
  "weights",
  "head",
  "adapter",
  "tune",
  "debug",
] as const;

/** One text for all refs of equal content: what isn't set, or is false, counts for nothing. */
export function keyOf(ref: ModelRef): string {
  return JSON.stringify(FIELDS.map((name) => ref[name] || null));
}

/**
 * The ref of a URL whose fragment holds load options, as `#context=512&weights=q8&head=URL&block_length=full`: the one place that
 * knows fragments. `resolve` makes the addresses within absolute. What the options say is checked at the load.
 */
export function refOfUrl(url: string, resolve: (url: string) => string): ModelRef {
  const given: Partial<Record<string, string>> = Object.fromEntries(new URLSearchParams(new URL(url).hash.slice(1)));
  const { context, block_length: block, head, adapter } = given;
  return withoutUnset({
    url: url.replace(/#.*$/, ""),
    context: context && Number(context),
    blockLength: block === "full" ? block : block && Number(block),
    // The loader refuses other names.
    weights: given.weights,
    head: head && resolve(head),
    adapter: adapter && resolve(adapter),
    tune: given.tune && given.tune === "true",
    debug: given.debug && given.debug === "true",
  }) as ModelRef;
}

/** The ref without fields that are `undefined`. */
export function withoutUnset<T extends object>(ref: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(ref).filter(([, value]) => value !== undefined)) as never;
}
