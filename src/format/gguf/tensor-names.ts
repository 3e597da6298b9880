import type { Architecture } from "./architectures.js";

/** How the rows of a matrix were put in another order: whole groups of rows, and those within one. */
export interface RowOrder {
  /** Rows of a group. */
  size: number;
  /** Where the file has the group that the family has here. */
  group(index: number): number;
  /** Where it has the row within the group. */
  row(index: number): number;
}

/** Where a tensor of a family is in a GGUF file, and how it is laid out otherwise there. */
export interface Renamed {
  name: string;
  /** The file has rows in this order. */
  order?: RowOrder;
  /** The file has `[out, in]`, the family `[in, out]`. */
  isTransposed?: true;
  /** The file has so much more than the family. */
  offset?: number;
}

type Names = Readonly<Record<string, string>>;

/** A family's names for the parts that llama.cpp names alike in all, `blk.N.` and its own prefix of a layer left out. */
interface Naming {
  outer: Names;
  layer: string;
  inner: Names;
}

const LLAMA: Naming = {
  outer: { token_embd: "model.embed_tokens", output_norm: "model.norm", output: "lm_head" },
  layer: "model.layers.",
  inner: {
    attn_norm: "input_layernorm",
    attn_q: "self_attn.q_proj",
    attn_k: "self_attn.k_proj",
    attn_v: "self_attn.v_proj",
    attn_output: "self_attn.o_proj",
    attn_q_norm: "self_attn.q_norm",
    attn_k_norm: "self_attn.k_norm",
    ffn_norm: "post_attention_layernorm",
    ffn_gate: "mlp.gate_proj",
    ffn_up: "mlp.up_proj",
    ffn_down: "mlp.down_proj",
  },
};

const inner = (changed: Names): Naming => ({ ...LLAMA, inner: { ...LLAMA.inner, ...changed } });

const GEMMA = inner({
  post_attention_norm: "post_attention_layernorm",
  ffn_norm: "pre_feedforward_layernorm",
  post_ffw_norm: "post_feedforward_layernorm",
});

/** By llama.cpp's name of the architecture. */
const NAMINGS: Readonly<Record<Architecture, Naming>> = {
  llama: LLAMA,
  qwen2: LLAMA,
  qwen3: LLAMA,
  smollm3: LLAMA,
  gemma2: GEMMA,
  gemma3: GEMMA,
  olmo2: inner({ post_attention_norm: "post_attention_layernorm", post_ffw_norm: "post_feedforward_layernorm" }),
  phi3: inner({ attn_qkv: "self_attn.qkv_proj", ffn_up: "mlp.gate_up_proj" }),
  gpt2: {
    outer: {
      token_embd: "transformer.wte",
      position_embd: "transformer.wpe",
      output_norm: "transformer.ln_f",
      output: "lm_head",
    },
    layer: "transformer.h.",
    inner: {
      attn_norm: "ln_1",
      attn_qkv: "attn.c_attn",
      attn_output: "attn.c_proj",
      ffn_norm: "ln_2",
      ffn_up: "mlp.c_fc",
      ffn_down: "mlp.c_proj",
    },
  },
  gptneox: {
    outer: { token_embd: "gpt_neox.embed_in", output_norm: "gpt_neox.final_layer_norm", output: "embed_out" },
    layer: "gpt_neox.layers.",
    inner: {
      attn_norm: "input_layernorm",
      attn_qkv: "attention.query_key_value",
      attn_output: "attention.dense",
      ffn_norm: "post_attention_layernorm",
      ffn_up: "mlp.dense_h_to_4h",
      ffn_down: "mlp.dense_4h_to_h",
    },
  },
};

/** What the converter changed of a family's own layout, undone. */
const RELAID: Partial<
  Record<Architecture, (part: string, heads: HeadCounts, numRows: number) => Omit<Renamed, "name">>
> = {
  llama: rotaryPairs,
  smollm3: rotaryPairs,
  gptneox: (part, { numHeads }, numRows) => (part === "attn_qkv" ? { order: qkvByHead(numHeads, numRows) } : {}),
  gpt2: (part) => (/^(?:attn_qkv|attn_output|ffn_up|ffn_down)$/.test(part) ? { isTransposed: true } : {}),
  gemma2: normsAboveOne,
  gemma3: normsAboveOne,
};

/** Heads of queries, and of keys and values. */
export interface HeadCounts {
  numHeads: number;
  numKeyValueHeads: number;
}

/** What a tensor of the file is in the family's own files; null where it has no such part. */
export function renamed(
  architecture: Architecture,
  name: string,
  shape: readonly number[],
  heads: HeadCounts,
): Renamed | null {
  const found = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name);
  if (!found) return null;
  const [, layer, part, what] = found;
  const naming = NAMINGS[architecture];
  const names = layer === undefined ? naming.outer : naming.inner;
  if (!Object.hasOwn(names, part)) return null;
  const own = `${layer === undefined ? "" : `${naming.layer}${layer}.`}${names[part]}.${what}`;
  const { isTransposed, ...relaid } = RELAID[architecture]?.(part, heads, shape[0]) ?? {};
  return { name: own, ...relaid, ...(isTransposed && shape.length === 2 ? { isTransposed } : {}) };
}

/** llama.cpp rotates neighbours, where the family rotates channels half a head apart: rows of q and k are interleaved so. */
function rotaryPairs(part: string, { numHeads, numKeyValueHeads }: HeadCounts, numRows: number): Omit<Renamed, "name"> {
  if (part !== "attn_q" && part !== "attn_k") return {};
  const size = numRows / (part === "attn_q" ? numHeads : numKeyValueHeads);
  const half = size / 2;
  return { order: { size, group: (head) => head, row: (row) => (row % half) * 2 + Math.floor(row / half) } };
}

/** The file has all of q, all of k and all of v; the family has the three of each head together. */
function qkvByHead(numHeads: number, numRows: number): RowOrder {
  return {
    size: numRows / (3 * numHeads),
    group: (index) => (index % 3) * numHeads + Math.floor(index / 3),
    row: (row) => row,
  };
}

function normsAboveOne(part: string): Omit<Renamed, "name"> {
  return part.endsWith("norm") ? { offset: 1 } : {};
}
