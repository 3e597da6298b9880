import type { Decoder } from "./decoder.js";
import { decoderNames, unknownDecoder } from "./load-decoder.js";

const found = import.meta.glob<Decoder>("./*/decoder.ts", { eager: true, import: "default" });

/** All decoders in the order they are shown, for who wants all of them at once: a worker loads those that it is asked for. */
export const decoders: readonly Decoder[] = decoderNames.map((name) => found[`./${name}/decoder.ts`]);

/** The decoder with this name. Throws `InvalidOptionError` that lists the names. */
export function findDecoder(name: string): Decoder {
  const decoder = decoders.find((candidate) => candidate.name === name);
  if (decoder) return decoder;
  throw unknownDecoder(name);
}
