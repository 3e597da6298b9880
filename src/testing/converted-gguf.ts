import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileSource } from "../format/file-source.js";
import { loadCheckpoint } from "../format/checkpoint.js";
import { parseHeader, type Placed } from "../format/gguf/header.js";
import type { Tensor } from "../format/tensor.js";
import { widen } from "../format/widen.js";

/** What llama.cpp's converter made of a model: the bytes before its values, and the whole file's SHA-256. */
interface Converted {
  header: string;
  /** Values of tensors that the converter worked out. */
  factors: Record<string, string>;
  sha256: string;
}

const CONVERTED = JSON.parse(readFileSync("tests/fixtures/gguf/converted.json", "utf8")) as Record<string, Converted>;

/** Names of the model fixtures of which there is such a file. */
export const CONVERTED_MODELS: readonly string[] = Object.keys(CONVERTED);

/** Folder of a model fixture. */
export const modelFolder = (model: string) => `tests/fixtures/models/${model}`;

/**
 * The GGUF file that llama.cpp's converter made of a model fixture, to the byte: its own header, and the fixture's values laid out as the
 * converter does (`conversion/*.py`). Throws where the SHA-256 is another.
 */
export async function convertedGguf(model: string): Promise<Uint8Array<ArrayBuffer>> {
  const { header, factors, sha256 } = CONVERTED[model];
  const start = new Uint8Array(Buffer.from(header, "base64"));
  const { tensors: placed, metadata } = parseHeader(start, Number.POSITIVE_INFINITY, model);
  const tensors = await loadCheckpoint(fileSource(modelFolder(model)));
  const config = JSON.parse(readFileSync(`${modelFolder(model)}/config.json`, "utf8")) as Record<string, number>;
  const architecture = String(metadata.get("general.architecture"));
  const length = Math.max(...[...placed.values()].map(({ end }) => Math.ceil(end / 32) * 32));
  const file = new Uint8Array(length);
  file.set(start);
  for (const tensor of placed.values()) {
    const factor = factors[tensor.name];
    const bytes = factor
      ? Buffer.from(factor, "base64")
      : stored(valuesOf(tensor, { architecture, config, tensors }), tensor.dtype);
    file.set(bytes, tensor.begin);
  }
  const made = createHash("sha256").update(file).digest("hex");
  if (made !== sha256) throw new Error(`${model}: the file has SHA-256 ${made}, the converter's ${sha256}`);
  return file;
}

interface Making {
  architecture: string;
  config: Record<string, number>;
  tensors: ReadonlyMap<string, Tensor>;
}

/** By pattern of the converter's names, those of the model's own files. */
const NAMES: readonly [RegExp, string][] = [
  [/^token_embd/, "embed_tokens|wte|embed_in"],
  [/^position_embd/, "wpe"],
  [/^output_norm/, "model.norm|^norm|ln_f|final_layer_norm"],
  [/^output\./, "lm_head|embed_out"],
  [/attn_q_norm/, "q_norm"],
  [/attn_k_norm/, "k_norm"],
  [/attn_norm/, "input_layernorm|ln_1"],
  [/attn_qkv/, "qkv_proj|c_attn|query_key_value"],
  [/attn_q\./, "q_proj"],
  [/attn_k\./, "k_proj"],
  [/attn_v\./, "v_proj"],
  [/attn_output/, "o_proj|attn.c_proj|attention.dense"],
  [/post_attention_norm/, "post_attention_layernorm"],
  [/post_ffw_norm/, "post_feedforward_layernorm"],
  [/ffn_norm/, "pre_feedforward_layernorm|post_attention_layernorm|ln_2"],
  [/ffn_gate/, "gate_proj"],
  [/ffn_up/, "gate_up_proj|up_proj|c_fc|dense_h_to_4h"],
  [/ffn_down/, "down_proj|mlp.c_proj|dense_4h_to_h"],
];

function valuesOf(placed: Placed, making: Making): Float32Array {
  const { name } = placed;
  const layer = /^blk\.(\d+)\./.exec(name)?.[1];
  const [, what] = /(weight|bias)$/.exec(name) ?? [];
  const alternatives = NAMES.find(([pattern]) => pattern.test(name))?.[1].split("|") ?? [];
  for (const part of alternatives) {
    const isOwn = new RegExp(`${part}\\.${what}$`);
    const found = [...making.tensors.values()].find(
      (tensor) => isOwn.test(tensor.name) && /\.(\d+)\./.exec(tensor.name)?.[1] === layer,
    );
    if (found) return laidOut(placed, found, making);
  }
  throw new Error(`no tensor for ${name}`);
}

function laidOut({ name }: Placed, found: Tensor, { architecture, config }: Making): Float32Array {
  const values = widen(found);
  const [numRows, width = 1] = found.shape;
  const gather = (length: number, from: (i: number) => number) =>
    Float32Array.from({ length }, (_, i) => values[from(i)]);
  const rows = (from: (row: number) => number) =>
    gather(values.length, (i) => from(Math.floor(i / width)) * width + (i % width));
  if (/^(?:llama|smollm3)$/.test(architecture) && /attn_[qk]\./.test(name)) {
    const heads = config.num_attention_heads;
    const own = name.includes("attn_q") ? heads : (config.num_key_value_heads ?? heads);
    const size = numRows / own;
    // reshape(heads, 2, size / 2).swapaxes(1, 2)
    return rows((row) => Math.floor(row / size) * size + (row % 2) * (size / 2) + Math.floor((row % size) / 2));
  }
  if (architecture === "gptneox" && name.includes("attn_qkv")) {
    const heads = config.num_attention_heads;
    const size = numRows / heads / 3;
    // q, k and v of all heads, one after the other.
    return rows((row) => {
      const part = Math.floor(row / (heads * size));
      const head = Math.floor((row % (heads * size)) / size);
      return (head * 3 + part) * size + (row % size);
    });
  }
  if (architecture === "gpt2" && found.shape.length === 2 && /attn_|ffn_/.test(name)) {
    return gather(values.length, (i) => (i % numRows) * width + Math.floor(i / numRows));
  }
  if (architecture.startsWith("gemma") && name.includes("norm")) return values.map((value) => value + 1);
  return values;
}

function stored(values: Float32Array, dtype: string): Uint8Array {
  const bits = new Uint32Array(values.slice().buffer);
  if (dtype === "F32") return new Uint8Array(bits.buffer);
  // What the fixtures store in 16 bits stays what it is.
  if (dtype === "BF16") return new Uint8Array(Uint16Array.from(bits, (one) => one >>> 16).buffer);
  return new Uint8Array(Uint16Array.from(values, halfOf).buffer);
}

/** The f16 of a number that is one: normal ones and zeros. */
function halfOf(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0];
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 255) - 112;
  if (exponent > 0) return sign | (exponent << 10) | ((bits >>> 13) & 1023);
  return sign | Math.round(Math.abs(value) * 2 ** 24);
}
