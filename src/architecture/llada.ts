import type { FoldedRms, LayerSpec } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import { defineFamily, type FamilyConfig, type LayerRole, type OuterRole, prefixed, type Stored } from "./family.js";
import { readActivation } from "./hub-config.js";
import { type MaskReading, readsMasks } from "./reading.js";
import { readRope } from "./rope.js";

const LLADA: MaskReading = { blocks: [], recipes: ["full"] };

const OUTER: Record<OuterRole, string> = { embedding: "wte", positions: "wpe", norm: "ln_f", lmHead: "ff_out" };

const LAYER: Partial<Record<LayerRole, string>> = {
  "attention.norm": "attn_norm",
  "attention.q": "q_proj",
  "attention.k": "k_proj",
  "attention.v": "v_proj",
  "attention.output": "attn_out",
  "mlp.norm": "ff_norm",
  "mlp.gate": "ff_proj",
  "mlp.up": "up_proj",
  "mlp.down": "ff_out",
};

function tensor(role: LayerRole | OuterRole, layer: number | null): Stored {
  const name = layer === null ? OUTER[role as OuterRole] : `blocks.${layer}.${LAYER[role as LayerRole] ?? role}`;
  return { names: prefixed("model.", `transformer.${name}`) };
}

/** Fields that must have one value, of OLMo's many. */
const FIXED: readonly (readonly [name: string, own: string | number | boolean])[] = [
  ["block_type", "llama"],
  ["block_group_size", 1],
  ["layer_norm_type", "rms"],
  ["layer_norm_with_affine", true],
  ["rope", true],
  ["alibi", false],
  ["include_bias", false],
  ["bias_for_layer_norm", false],
  ["attention_layer_norm", false],
  ["scale_logits", false],
];

/** What OLMo has where a config is silent, of the fields that must be said since that is something else. */
const MUST_SAY: readonly string[] = ["block_type", "layer_norm_type", "rope", "include_bias"];

function checkFixed(config: ConfigFields): void {
  for (const [name, own] of FIXED) {
    if (!config.has(name) || config.isNull(name)) {
      // A norm's bias that isn't said is `include_bias`.
      if (MUST_SAY.includes(name)) throw config.unsupported(name, String(own), null);
      continue;
    }
    const value =
      typeof own === "boolean"
        ? config.flag(name, own)
        : typeof own === "number"
          ? config.count(name)
          : config.text(name, own);
    if (value !== own) throw config.unsupported(name, String(own));
  }
  if (config.numeral("clip_qkv") !== undefined) throw config.unsupported("clip_qkv", "null");
}

function read(config: ConfigFields): FamilyConfig {
  checkFixed(config);
  const hiddenSize = config.count("d_model");
  const numHeads = config.count("n_heads");
  if (hiddenSize % (2 * numHeads) !== 0) {
    throw config.unsupported("n_heads", `a number by which d_model ${hiddenSize} gives heads of an even size`);
  }
  const isMultiQuery = config.flag("multi_query_attention", false);
  const numKeyValueHeads = config.count("n_kv_heads", isMultiQuery ? 1 : numHeads);
  if (numHeads % numKeyValueHeads !== 0) throw config.unsupported("n_kv_heads", `a divisor of n_heads ${numHeads}`);
  const headDim = hiddenSize / numHeads;
  config.checkHeadDim("d_model", headDim);
  const norm: FoldedRms = { way: "folded", eps: config.optionalNumber("rms_norm_eps") ?? 1e-5, gainOffset: 0 };
  const rope = readRope(config, headDim);
  const layer: LayerSpec = {
    attention: { norm, after: null, rope, window: null, scale: headDim ** -0.5 },
    mlp: { norm, after: null, kind: "gated", activation: readActivation(config, "activation_type", "swiglu") },
    isParallel: false,
  };
  const rows = config.count("embedding_size", config.count("vocab_size"));
  return {
    hiddenSize,
    intermediateSize: config.count("mlp_hidden_size", (config.optionalNumber("mlp_ratio") ?? 4) * hiddenSize),
    numHeads,
    numKeyValueHeads,
    headDim,
    embedding: {
      scale: config.flag("input_emb_norm", false) ? Math.fround(Math.sqrt(hiddenSize)) : 1,
      numPositions: null,
    },
    layers: Array<LayerSpec>(config.layers("n_layers")).fill(layer),
    norm,
    qkNorm: null,
    qkvBias: config.flag("include_qkv_bias", false),
    outputBias: false,
    mlpBias: false,
    tied: config.flag("weight_tying", true),
    maxLength: config.count("max_sequence_length", 1024),
    ...padding(config, rows),
    ...readsMasks(config, LLADA),
  };
}

/** Rows of the embedding behind those of tokens. */
function padding(config: ConfigFields, rows: number): Pick<FamilyConfig, "vocabSize" | "numTokens"> {
  const numTokens = config.count("vocab_size");
  if (rows < numTokens) throw config.unsupported("embedding_size", `${numTokens} (vocab_size) or more`);
  return rows === numTokens ? {} : { vocabSize: rows, numTokens };
}

/** Llama's layers under OLMo's names, read in both directions (arXiv 2502.09992). */
export const llada = defineFamily({ types: ["llada"], knownAs: "LLaDA 8B, LLaDA 1.5", masks: LLADA, read, tensor });
