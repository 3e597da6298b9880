import type { Tensor } from "../../format/tensor.js";
import { type CheckpointReading, openFile, readAll } from "../../format/checkpoint.js";
import { isAbsence, type ModelSource } from "../../format/source.js";
import { widen } from "../../format/widen.js";
import { ModelLoadError } from "../../vocabulary/errors.js";
import { checkPlainEmbedding } from "../plain-embedding.js";
import type { Architecture } from "../../architecture/architecture.js";
import type { LayerRole } from "../../architecture/family.js";
import { llamaModule } from "../../architecture/llama.js";
import { loadWeights, namedLayerTensors, type TensorSpec } from "../../architecture/tensors.js";
import { ConfigFields } from "../../architecture/config-fields.js";

const CONFIG = "adapter_config.json";
const WEIGHTS = "adapter_model.safetensors";
/** PEFT's, before a module's name. */
const PREFIX = "base_model.model.";
/** What an adapter may change of a layer. */
export const ADAPTED_ROLES = [
  "attention.q",
  "attention.k",
  "attention.v",
  "attention.output",
  "mlp.gate",
  "mlp.up",
  "mlp.down",
] as const satisfies readonly LayerRole[];

/** One of them. */
export type AdaptedRole = (typeof ADAPTED_ROLES)[number];

/** The embeddings of the masks, `[masks, hidden]`. */
export const MASK_EMBEDDINGS = "mask_embeddings.weight";

/** Two factors of a matrix that is added to a model's. */
export interface LowRank {
  a: Tensor;
  b: Tensor;
}

/** An adapter's folder, read and checked against a model. */
export interface AdapterFile {
  numMasks: number;
  /** Mask embeddings and sampler head. */
  weights: Map<string, Tensor>;
  /**
   * What is added to the product of a layer's modules, whose outputs are joined to `[N]`: rows times `a` `[R, K]`, then times `b` `[N, R]`;
   * null for nothing.
   */
  lowRank(layer: number, modules: readonly AdaptedRole[]): LowRank | null;
}

/** Throws `ModelLoadError` for an adapter of another model, and for what can't be honoured. */
export async function readAdapter(
  architecture: Architecture,
  source: ModelSource,
  reading: CheckpointReading = {},
): Promise<AdapterFile> {
  checkPlainEmbedding(architecture, "an adapter");
  const orMissing = (name: string) => (error: unknown) => {
    if (!isAbsence(error)) throw error;
    throw new ModelLoadError(
      `${name} is missing in ${source.url}: an adapter's folder needs ${CONFIG} and ${WEIGHTS}.`,
      "missing_file",
    );
  };
  const { rank, scale } = parseAdapterConfig(await source.json(CONFIG, reading.signal).catch(orMissing(CONFIG)));
  const file = await readAll(await openFile(source, WEIGHTS, reading).catch(orMissing(WEIGHTS)), reading.signal);
  const tensors = new Map([...file].map(([name, tensor]) => [name.replace(PREFIX, ""), tensor]));
  const numMasks = countMasks(tensors);
  const weights = loadWeights(architecture, tensors, ownTensors(architecture.hiddenSize, numMasks, tensors), WEIGHTS);
  const used = new Set(weights.keys());
  const pairs = new Map<string, Pair>();
  for (let layer = 0; layer < architecture.layers.length; layer++) {
    for (const role of ADAPTED_ROLES) {
      const pair = pairOf(architecture, { layer, role, rank }, tensors);
      for (const tensor of [pair.a, pair.b]) if (tensor) used.add(tensor.name.replace(PREFIX, ""));
      pairs.set(`${role} ${layer}`, pair);
    }
  }
  const other = [...tensors.keys()].find((name) => !used.has(name));
  if (other !== undefined) {
    throw new ModelLoadError(
      `The adapter has a tensor ${other}, which nothing here would use: LoRA factors are read for the projections of the model's ${architecture.layers.length} layers.`,
      "unsupported_config",
    );
  }
  return {
    numMasks,
    weights,
    lowRank(layer, modules) {
      const own = modules.map((role) => pairs.get(`${role} ${layer}`) as Pair);
      return stack(`${modules.join(" and ")} ${layer}`, own, scale);
    },
  };
}

function parseAdapterConfig(json: unknown): { rank: number; scale: number } {
  const config = new ConfigFields(json, "", CONFIG);
  if (config.text("peft_type", "") !== "LORA") throw config.unsupported("peft_type", "LORA");
  for (const name of ["use_dora", "fan_in_fan_out"]) {
    if (config.flag(name, false)) throw config.unsupported(name, "false");
  }
  if (config.text("bias", "none") !== "none") throw config.unsupported("bias", "none");
  for (const name of ["rank_pattern", "alpha_pattern"]) {
    if (!(config.record(name)?.isEmpty ?? true)) throw config.unsupported(name, "{}");
  }
  const rank = config.count("r");
  const alpha = config.number("lora_alpha");
  return { rank, scale: alpha / (config.flag("use_rslora", false) ? Math.sqrt(rank) : rank) };
}

function countMasks(tensors: ReadonlyMap<string, Tensor>): number {
  const numMasks = tensors.get(MASK_EMBEDDINGS)?.shape[0];
  if (numMasks) return numMasks;
  throw new ModelLoadError(
    `Tensor ${MASK_EMBEDDINGS} is missing in ${WEIGHTS}: only adapters with mask tokens are read, for the drafter mtp.`,
    "missing_tensor",
  );
}

/** What the file holds besides LoRA factors. */
function ownTensors(hiddenSize: number, numMasks: number, tensors: ReadonlyMap<string, Tensor>): TensorSpec[] {
  const specs: TensorSpec[] = [
    { name: MASK_EMBEDDINGS, shape: [numMasks, hiddenSize] },
    { name: "sampler.in.weight", shape: [hiddenSize, 2 * hiddenSize] },
    { name: "sampler.out.weight", shape: [hiddenSize, hiddenSize] },
  ];
  const vectors = ["in_norm.weight", "in_norm.bias", "out_norm.weight", "out_norm.bias"];
  const biases = ["in.bias", "out.bias"].filter((name) => tensors.has(`sampler.${name}`));
  for (const name of [...vectors, ...biases]) specs.push({ name: `sampler.${name}`, shape: [hiddenSize] });
  return specs;
}

/** The factors of a module; null where the adapter leaves it alone. */
interface Pair {
  a: Tensor | null;
  b: Tensor | null;
  /** Shape of the module's matrix. */
  shape: number[];
}

function pairOf(
  architecture: Architecture,
  { layer, role, rank }: { layer: number; role: AdaptedRole; rank: number },
  tensors: ReadonlyMap<string, Tensor>,
): Pair {
  const prefix = `model.layers.${layer}`;
  const name = `${prefix}.${llamaModule(role)}`;
  const own = namedLayerTensors(architecture, prefix).find((spec) => spec.name === `${name}.weight`);
  const [n, k] = own?.shape ?? [0, 0];
  const [first, second] = [`${name}.lora_A.weight`, `${name}.lora_B.weight`];
  if (!tensors.has(first) && !tensors.has(second)) return { a: null, b: null, shape: [n, k] };
  const specs = [
    { name: first, shape: [rank, k] },
    { name: second, shape: [n, rank] },
  ];
  const both = loadWeights(architecture, tensors, specs, WEIGHTS);
  return { a: both.get(first) ?? null, b: both.get(second) ?? null, shape: [n, k] };
}

/** One pair for modules whose outputs are joined: `a` one below the other, `b` times the scale along a diagonal. */
function stack(name: string, pairs: readonly Pair[], scale: number): LowRank | null {
  const present = pairs.filter(({ a }) => a);
  if (present.length === 0) return null;
  const [rank, k] = (present[0].a as Tensor).shape;
  const width = present.length * rank;
  const n = pairs.reduce((sum, { shape }) => sum + shape[0], 0);
  const stackedA = new Float32Array(width * k);
  const stackedB = new Float32Array(n * width);
  let row = 0;
  let column = 0;
  for (const { a, b, shape } of pairs) {
    if (a && b) {
      stackedA.set(widen(a), column * k);
      const values = widen(b);
      for (let i = 0; i < values.length; i++) {
        stackedB[(row + Math.floor(i / rank)) * width + column + (i % rank)] = values[i] * scale;
      }
      column += rank;
    }
    row += shape[0];
  }
  return { a: tensorOf(`${name} A`, [width, k], stackedA), b: tensorOf(`${name} B`, [n, width], stackedB) };
}

function tensorOf(name: string, shape: number[], { buffer }: Float32Array<ArrayBuffer>): Tensor {
  return { name, dtype: "F32", shape, bytes: new Uint8Array(buffer) };
}
