import { InvalidOptionError, TriptychError } from "../vocabulary/errors.js";
import byDefault from "./autoregressive/decoder.js";
import type { Decoder } from "./decoder.js";
import { didYouMean } from "./unknown-option.js";

/** Each other folder's `decoder.ts` has one as its default export, so that a new decoder is a new folder and no other edit. */
const others = import.meta.glob<Decoder>(["./*/decoder.ts", "!./autoregressive/*"], { import: "default" });

/** The names of all decoders in the order they are shown: the default one, then by name. Each is the name of its folder. */
export const decoderNames: readonly string[] = [
  byDefault.name,
  ...Object.keys(others).map((file) => file.split("/")[1]),
];

/**
 * The decoder with this name: all but the default one are files of their own, which are fetched once they are asked for. Rejects with an
 * `InvalidOptionError` that lists the names, and with a `TriptychError` where the file can't be had.
 */
export async function loadDecoder(name: string): Promise<Decoder> {
  if (!decoderNames.includes(name)) throw unknownDecoder(name);
  if (name === byDefault.name) return byDefault;
  try {
    return await others[`./${name}/decoder.ts`]();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TriptychError(
      "worker_failed",
      `The code of decoder "${name}" couldn't be loaded: ${reason}. Try again; worker.js needs the package's files worker-*.js beside it.`,
    );
  }
}

/** Begins to fetch the decoders that haven't been, so that a run which names one of them later needn't wait for its code. */
export function fetchDecoders(): void {
  // One that fails says so when it is asked for.
  for (const fetchOne of Object.values(others)) fetchOne().catch(() => {});
}

/** Says that there is no such decoder, and which there are. */
export function unknownDecoder(name: string): InvalidOptionError {
  const hint = didYouMean(name, decoderNames);
  return new InvalidOptionError(
    `There is no decoder "${name}". Decoders: ${decoderNames.join(", ")}.${hint}`,
    "unknown_decoder",
  );
}
