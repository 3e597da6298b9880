import type { LayerSpec, PlainNorm } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import {
  defineFamily,
  type Family,
  type FamilyConfig,
  type LayerRole,
  type OuterRole,
  prefixed,
  type Stored,
} from "./family.js";
import { fusedPart } from "./gpt-config.js";
import { type MaskReading, readsMasks } from "./reading.js";
import { ropeOf } from "./rope.js";

const OUTER: Partial<Record<OuterRole, string>> = {
  embedding: "vocab_embed",
  norm: "output_layer.norm_final",
  lmHead: "output_layer.linear",
};

const LAYER: Partial<Record<LayerRole, string>> = {
  "attention.norm": "norm1",
  "attention.q": "attn_qkv",
  "attention.k": "attn_qkv",
  "attention.v": "attn_qkv",
  "attention.output": "attn_out",
  "mlp.norm": "norm2",
  "mlp.up": "mlp.0",
  "mlp.down": "mlp.2",
};

function tensor(role: LayerRole | OuterRole, layer: number | null): Stored {
  if (layer === null) return { names: prefixed("backbone.", OUTER[role as OuterRole] ?? role) };
  const names = prefixed("backbone.", `blocks.${layer}.${LAYER[role as LayerRole] ?? role}`);
  const part = fusedPart(role);
  return part ? { names, part } : { names };
}

/** What the configs of diffusion transformers (DiT) say of their layers: their norms are conditioned on time, which is none here. */
function readDit(config: ConfigFields, how: MaskReading): FamilyConfig {
  if (config.flag("time_conditioning", false)) {
    throw config.unsupported(
      "time_conditioning",
      "false, by which each norm's scale and shift are the same in every step",
    );
  }
  if (config.flag("causal", false)) throw config.unsupported("causal", "false");
  const hiddenSize = config.count("hidden_dim");
  const numHeads = config.count("n_heads");
  if (hiddenSize % (2 * numHeads) !== 0) {
    throw config.unsupported("n_heads", `a number by which hidden_dim ${hiddenSize} gives heads of an even size`);
  }
  const headDim = hiddenSize / numHeads;
  config.checkHeadDim("hidden_dim", headDim);
  const hasBias = config.flag("adaln", true);
  const norm: PlainNorm = { way: "plain", kind: "layer", eps: 1e-5, gainOffset: 0, hasBias };
  const layer: LayerSpec = {
    attention: {
      norm,
      after: null,
      rope: ropeOf(config, config, 10000, headDim),
      window: null,
      scale: headDim ** -0.5,
    },
    mlp: { norm, after: null, kind: "plain", activation: "gelu_tanh" },
    isParallel: false,
  };
  const reading = readsMasks(config, how);
  return {
    hiddenSize,
    intermediateSize: 4 * hiddenSize,
    numHeads,
    numKeyValueHeads: numHeads,
    headDim,
    embedding: { scale: 1, numPositions: null },
    layers: Array<LayerSpec>(config.layers("n_blocks")).fill(layer),
    norm,
    qkNorm: null,
    qkvBias: false,
    outputBias: false,
    mlpBias: true,
    lmHeadBias: true,
    tied: false,
    maxLength: config.count("model_length", 1024),
    ...reading,
    // The absorbing state stands behind the tokenizer's tokens.
    maskToken: reading.maskToken ?? config.count("vocab_size") - 1,
  };
}

const fold: Family["fold"] = async (checkpoint, architecture, signal) =>
  (await import("./dit-fold.js")).foldConditioning(checkpoint, architecture, signal);

const MDLM: MaskReading = { blocks: [], recipes: ["full"] };
const GPT2_TOKENS = "openai-community/gpt2";

/** A diffusion transformer that reads its whole canvas (arXiv 2406.07524). */
export const mdlm = defineFamily({
  types: ["mdlm"],
  knownAs: "MDLM (`kuleshov-group/mdlm-owt`)",
  masks: MDLM,
  tokens: GPT2_TOKENS,
  read: (config) => readDit(config, MDLM),
  tensor,
  fold,
});

const BD3LM: MaskReading = { blocks: ["block_size"], recipes: [4, 8, 16] };

/** The same, by blocks (arXiv 2503.09573). A block as long as the text is a whole canvas. */
export const bd3lm = defineFamily({
  types: ["bd3lm"],
  knownAs: "BD3-LM (`kuleshov-group/bd3lm-owt-block_size…`)",
  masks: BD3LM,
  tokens: GPT2_TOKENS,
  read(config) {
    const isWhole = (config.whole("block_size") ?? 0) >= config.count("model_length", 1024);
    return readDit(config, isWhole ? MDLM : BD3LM);
  },
  tensor,
  fold,
});
