import { InvalidOptionError } from "../vocabulary/errors.js";
import type { ModelFacts } from "./architecture.js";
import { readTokens } from "./config.js";
import { ConfigFields } from "./config-fields.js";
import { familyOf } from "./families.js";
import { LEFT_TO_RIGHT } from "./reading.js";

/** Names of one thing in the configs of different families, the usual one first. */
const NAMES = {
  maxLength: ["max_position_embeddings", "n_positions", "n_ctx", "max_sequence_length", "max_seq_len", "seq_length"],
  numLayers: ["num_hidden_layers", "n_layer", "num_layers", "n_layers"],
  numHeads: ["num_attention_heads", "n_head", "n_heads"],
  hiddenSize: ["hidden_size", "n_embd", "d_model"],
} as const;

/** Where a config doesn't say how much a model can read. */
const DEFAULT_LENGTH = 2048;

/** What the config of an exported graph says: of any family, since the graph itself says how to compute. Null: it doesn't say. */
export interface ExportedConfig extends ModelFacts {
  /** Layers that have keys and values of their own. */
  numLayers: number | null;
  numKeyValueHeads: number | null;
  headDim: number | null;
}

/** Reads a parsed `config.json` beside an exported graph, once `loadFamilies` has seen it. Throws `ModelLoadError` for what can't be honoured, and `InvalidOptionError` for a `blockLength`. */
export function parseExportedConfig(json: unknown, generationJson: unknown, blockLength?: unknown): ExportedConfig {
  const whole = new ConfigFields(json);
  const modelType = whole.text("model_type", "");
  const isMasked = familyOf(modelType)?.masks !== undefined;
  if (isMasked || whole.flag("is_encoder_decoder", false)) {
    throw whole.unsupported(
      "model_type",
      "as an ONNX graph, models that write from left to right with one stack of layers",
    );
  }
  if (blockLength !== undefined) {
    throw new InvalidOptionError(
      "blockLength is for models that fill masks; an ONNX graph reads left to right: leave it out.",
    );
  }
  // Of models that also read pictures.
  const config = (whole.has("vocab_size") ? null : whole.record("text_config")) ?? whole;
  const first = (names: readonly string[]) =>
    names.map((name) => config.whole(name)).find((value) => value !== null) ?? null;
  const numHeads = first(NAMES.numHeads);
  const hiddenSize = first(NAMES.hiddenSize);
  const layers = first(NAMES.numLayers);
  const evenDim =
    numHeads !== null && hiddenSize !== null && hiddenSize % numHeads === 0 ? hiddenSize / numHeads : null;
  return {
    modelType,
    ...readTokens(config, generationJson),
    maxLength: first(NAMES.maxLength) ?? DEFAULT_LENGTH,
    ...LEFT_TO_RIGHT,
    numLayers: layers === null ? null : layers - (config.whole("num_kv_shared_layers") ?? 0),
    numKeyValueHeads: config.whole("num_key_value_heads"),
    headDim: config.whole("head_dim") ?? evenDim,
  };
}
