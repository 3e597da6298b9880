import { InvalidOptionError, ModelLoadError } from "../vocabulary/errors.js";
import type { Architecture } from "./architecture.js";
import { ConfigFields } from "./config-fields.js";

/** Positions that one step chooses for at most. */
const MAX_BLOCK = 64;

/** Who sees whom, and what a model needs that fills masks. */
type ReadingFields = Pick<
  Architecture,
  "causal" | "bidirectional" | "maskToken" | "blockLengths" | "defaultBlockLength" | "blockAlign" | "inPlace"
>;

/** A model that predicts the next token. */
export const LEFT_TO_RIGHT: ReadingFields = {
  causal: true,
  bidirectional: false,
  maskToken: null,
  blockLengths: [],
  defaultBlockLength: null,
  blockAlign: "absolute",
  inPlace: false,
};

/** What a config says of a model that fills masks. */
export function readsMasks(config: ConfigFields): ReadingFields {
  if (config.text("block_align", "absolute") !== "absolute") throw config.unsupported("block_align", '"absolute"');
  const trained = config.ids("block_sizes");
  const [own = trained[0] ?? null] = config.ids("block_size");
  const blockLengths = own === null ? [] : [...new Set([own, ...trained])];
  const bad = blockLengths.find((length) => length < 1 || length > MAX_BLOCK);
  if (bad !== undefined) {
    throw config.unsupported(bad === own ? "block_size" : "block_sizes", `lengths from 1 to ${MAX_BLOCK}`, bad);
  }
  const [maskToken = null] = config.ids("mask_token_id");
  return {
    causal: false,
    bidirectional: true,
    maskToken,
    blockLengths,
    defaultBlockLength: own,
    blockAlign: "absolute",
    inPlace: !config.flag("logit_shift", false),
  };
}

/** How a model reads that fills masks: in blocks of this length, or its whole canvas. */
export type Reading = number | "full";

/**
 * A parsed config of a model that fills masks (`fillsMasks`) or doesn't, completed by how it reads where it says nothing: a model
 * that reads blocks and one that reads a whole canvas have the same tensors, so that neither is guessed.
 */
export function completeReading(json: unknown, fillsMasks: boolean, reading?: Reading): unknown {
  const config = new ConfigFields(json);
  const isKnown = ["block_size", "block_sizes"].some((name) => config.has(name));
  if (!fillsMasks && reading !== undefined) {
    throw new InvalidOptionError(
      `blockLength is for models that fill masks; config.json says model_type ${config.text("model_type", "")}, which reads left to right: leave it out.`,
    );
  }
  if (!fillsMasks || (isKnown && reading === undefined)) return json;
  if (reading === undefined) {
    throw new ModelLoadError(
      'config.json says neither block_size nor block_sizes: give blockLength (--trained-block) at load, 32 for a model that was trained on blocks of 32, "full" for one that reads its whole canvas.',
      "unknown_reading",
    );
  }
  const isLength = typeof reading === "number" && Number.isInteger(reading) && reading >= 1 && reading <= MAX_BLOCK;
  if (reading !== "full" && !isLength) {
    throw new InvalidOptionError(
      `blockLength can't be ${String(reading)}: give a number from 1 to ${MAX_BLOCK}, or "full".`,
    );
  }
  const own = [...config.ids("block_size"), ...config.ids("block_sizes")];
  if (isKnown && (reading === "full" ? own.length > 0 : !own.includes(reading))) {
    throw new InvalidOptionError(
      `blockLength ${reading} contradicts config.json, by which the model reads ${own.length > 0 ? `blocks of ${own.join(", ")}` : "its whole canvas"}: leave it out.`,
    );
  }
  return { ...(json as object), block_size: null, block_sizes: reading === "full" ? [] : [reading] };
}

/** Refuses a mask token that the vocabulary lacks. */
export function checkMask({ maskToken, vocabSize }: Pick<Architecture, "maskToken" | "vocabSize">): void {
  if (maskToken === null || maskToken < vocabSize) return;
  throw new ModelLoadError(
    `config.json: mask_token_id ${maskToken} is outside the vocabulary of ${vocabSize} ids.`,
    "bad_config",
  );
}
