import { InvalidOptionError } from "../vocabulary/errors.js";
import type { Decoder } from "./decoder.js";
import { snakeCase } from "./parse-options.js";
import { didYouMean } from "./unknown-option.js";

/** What is written with unless another decoder is named. */
const DEFAULT = "autoregressive";

/** Each folder's `decoder.ts` has one as its default export, so that a new decoder is a new folder and no other edit. */
const found = Object.values(import.meta.glob<Decoder>("./*/decoder.ts", { eager: true, import: "default" }));

/** All decoders in the order they are shown: the default one, then by name. */
export const decoders: readonly Decoder[] = [
  ...found.filter(({ name }) => name === DEFAULT),
  ...found.filter(({ name }) => name !== DEFAULT),
];

/** The decoder with this name. Throws `InvalidOptionError` that lists the names. */
export function findDecoder(name: string): Decoder {
  const decoder = decoders.find((candidate) => candidate.name === name);
  if (decoder) return decoder;
  const names = decoders.map((candidate) => candidate.name);
  const hint = didYouMean(name, names);
  throw new InvalidOptionError(
    `There is no decoder "${name}". Decoders: ${names.join(", ")}.${hint}`,
    "unknown_decoder",
  );
}

/** Refuses options that another decoder has and this one hasn't, with the names of those that have them. */
export function refuseForeign(decoder: Decoder, raw: Readonly<Record<string, unknown>>): void {
  for (const [written, value] of Object.entries(raw)) {
    const name = snakeCase(written);
    if (value === undefined || Object.hasOwn(decoder.options, name)) continue;
    const takers = decoders.filter(({ options }) => Object.hasOwn(options, name)).map((taker) => taker.name);
    if (takers.length === 0) continue;
    throw new InvalidOptionError(
      `${name} is an option of ${takers.join(", ")}, not of ${decoder.name}: leave it out, or choose decoder ${takers.join(" or ")}.`,
      "unknown_option",
    );
  }
}
