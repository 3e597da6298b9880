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

/** How a model reads that fills masks: in blocks of this length, or its whole canvas. */
export type Reading = number | "full";

/** How the models of a family fill masks, as far as all of them do so alike. */
export interface MaskReading {
  /** Fields of a config that hold the block lengths that a model was trained on, its own first; empty: none reads blocks. */
  blocks: readonly string[];
  /** What the family's recipes train, the usual one first; empty: nothing is to be said. A config that doesn't say which is asked for it at load. */
  recipes: readonly Reading[];
  /** Block length where a config is silent, by its config class. Left out: it is asked for. */
  silent?: number;
  /** A position is filled from the row before it, as next-token heads do. Default: in place. */
  isShifted?: boolean;
  /** Rows see what stands before them alone, in the order in which they are read. */
  isCausal?: boolean;
}

/** What a config says of a model that fills masks. */
export function readsMasks(
  config: ConfigFields,
  { blocks, silent, isShifted = false, isCausal = false }: MaskReading,
): ReadingFields {
  if (config.text("block_align", "absolute") !== "absolute") throw config.unsupported("block_align", '"absolute"');
  for (const name of blocks) {
    const bad = config.ids(name).find((length) => length < 1 || length > MAX_BLOCK);
    if (bad !== undefined) throw config.unsupported(name, `lengths from 1 to ${MAX_BLOCK}`, bad);
  }
  const isSilent = silent !== undefined && !blocks.some((name) => config.has(name));
  const blockLengths = isSilent ? [silent] : [...new Set(blocks.flatMap((name) => config.ids(name)))];
  const [maskToken = null] = config.ids("mask_token_id");
  return {
    causal: isCausal,
    bidirectional: !isCausal,
    maskToken,
    blockLengths,
    defaultBlockLength: blockLengths[0] ?? null,
    blockAlign: "absolute",
    inPlace: !config.flag("logit_shift", isShifted),
  };
}

/**
 * A parsed config of a model that fills masks as `how` has it, or doesn't (null), completed by how it reads where it says nothing: a
 * model that reads blocks and one that reads a whole canvas have the same tensors, so that neither is guessed.
 */
export function completeReading(json: unknown, how: MaskReading | null, reading?: Reading): unknown {
  const config = new ConfigFields(json);
  if (!how || how.recipes.length === 0) {
    if (reading === undefined) return json;
    throw new InvalidOptionError(
      `blockLength is for models that fill masks in blocks or on a whole canvas; config.json says model_type ${config.text("model_type", "")}, which reads left to right: leave it out.`,
    );
  }
  const { blocks, recipes, silent } = how;
  const isSaid = blocks.length === 0 || blocks.some((name) => config.has(name));
  const isKnown = isSaid || silent !== undefined;
  if (reading === undefined) {
    if (isKnown) return json;
    throw new ModelLoadError(
      `config.json says nothing of block lengths (${blocks.join(", ")}): give blockLength (--trained-block) at load, ${adviceOf(recipes)}.`,
      "unknown_reading",
    );
  }
  const isLength = typeof reading === "number" && Number.isInteger(reading) && reading >= 1 && reading <= MAX_BLOCK;
  if (reading !== "full" && !isLength) {
    throw new InvalidOptionError(
      `blockLength can't be ${String(reading)}: give a number from 1 to ${MAX_BLOCK}, or "full".`,
    );
  }
  const own = isSaid || silent === undefined ? blocks.flatMap((name) => config.ids(name)) : [silent];
  const type = config.text("model_type", "");
  if (!isKnown && reading === "full" && !recipes.includes("full")) {
    throw new InvalidOptionError(
      `blockLength can't be "full": models of model_type ${type} read blocks; give the length of theirs, as ${recipes.join(", ")}.`,
    );
  }
  if (isKnown && (reading === "full" ? own.length > 0 : !own.includes(reading))) {
    const said = blocks.length === 0 ? `model_type ${type}` : "config.json";
    throw new InvalidOptionError(
      `blockLength ${reading} contradicts ${said}, by which the model reads ${own.length > 0 ? `blocks of ${own.join(", ")}` : "its whole canvas"}: leave it out.`,
    );
  }
  const cleared = Object.fromEntries(blocks.map((name) => [name, null]));
  const [first] = blocks;
  return { ...(json as object), ...cleared, ...(first && { [first]: reading === "full" ? [] : [reading] }) };
}

/** Which reading fits which model, in words. */
function adviceOf(recipes: readonly Reading[]): string {
  const [usual] = recipes.filter((reading) => reading !== "full");
  const blocks = `${usual} for a model that was trained on blocks of ${usual}`;
  return recipes.includes("full") ? `${blocks}, "full" for one that reads its whole canvas` : blocks;
}

/** Refuses a mask token that the vocabulary lacks. */
export function checkMask({ maskToken, vocabSize }: Pick<Architecture, "maskToken" | "vocabSize">): void {
  if (maskToken === null || maskToken < vocabSize) return;
  throw new ModelLoadError(
    `config.json: mask_token_id ${maskToken} is outside the vocabulary of ${vocabSize} ids.`,
    "bad_config",
  );
}
