import { InvalidOptionError } from "../errors.js";
import { anySubset } from "./any-subset.js";
import { autoregressive } from "./autoregressive.js";
import { blockDiffusion } from "./block-diffusion.js";
import type { Decoder } from "./decoder.js";
import { maskedDiffusion } from "./masked-diffusion.js";
import { speculative } from "./speculative.js";
import { windowDiffusion } from "./window-diffusion.js";

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
  const names = decoders.map((candidate) => candidate.name).join(", ");
  throw new InvalidOptionError(`There is no decoder "${name}". Decoders: ${names}.`, "unknown_decoder");
}
