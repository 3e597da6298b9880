import { InvalidOptionError } from "../vocabulary/errors.js";
import { anySubset } from "./any-subset/decoder.js";
import { autoregressive } from "./autoregressive/decoder.js";
import { blockDiffusion } from "./block-diffusion/decoder.js";
import type { Decoder } from "./decoder.js";
import { maskedDiffusion } from "./masked-diffusion/decoder.js";
import { snakeCase } from "./options.js";
import { speculative } from "./speculative/decoder.js";
import { didYouMean } from "./unknown-option.js";
import { windowDiffusion } from "./window-diffusion/decoder.js";

/** All decoders, in the order they are shown. */
export const decoders: readonly Decoder[] = [
  autoregressive,
  blockDiffusion,
  maskedDiffusion,
  windowDiffusion,
  anySubset,
  speculative,
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
