import type { Tensor, TensorPlan } from "../format/tensor.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import type { Architecture, LayerSpec, NormSpec } from "./architecture.js";
import { familyOf } from "./families.js";
import type { LayerRole, OuterRole, Stored } from "./family.js";
import { llamaModule, llamaTensor } from "./llama.js";
import { type Placed, storedShape, takeStored } from "./stored.js";

/** A tensor that a model must have, by our own name: that of Llama's checkpoints. Matrices are `[out, in]`. */
export interface TensorSpec {
  name: string;
  shape: number[];
  /** Where the family's files hold it; left out: under our own name, as it is. */
  stored?: Placed;
}

/** Every tensor the architecture needs, with its shape. */
export function tensorNames(architecture: Architecture): TensorSpec[] {
  const { vocabSize, hiddenSize, layers, tied, norm, embedding, lmHeadBias = false } = architecture;
  const outer = (role: OuterRole, what: "weight" | "bias", shape: number[]) =>
    spec(architecture, role, null, what, shape);
  const specs = [outer("embedding", "weight", [vocabSize, hiddenSize])];
  if (embedding.numPositions !== null) specs.push(outer("positions", "weight", [embedding.numPositions, hiddenSize]));
  for (const layer of layers.keys()) specs.push(...layerTensors(architecture, layer));
  specs.push(outer("norm", "weight", [hiddenSize]));
  if (hasBias(norm)) specs.push(outer("norm", "bias", [hiddenSize]));
  if (!tied) specs.push(outer("lmHead", "weight", [vocabSize, hiddenSize]));
  if (lmHeadBias) specs.push(outer("lmHead", "bias", [vocabSize]));
  return specs;
}

/** The tensors of one layer of a model. */
export function layerTensors(architecture: Architecture, layer: number): TensorSpec[] {
  const own = architecture.layers[layer];
  return partsOf(architecture, own).map(({ role, what, shape }) => spec(architecture, role, layer, what, shape));
}

/** The tensors of a layer under this prefix, by our own names; a head's first layer has no norm before its attention. */
export function namedLayerTensors(architecture: Architecture, prefix: string, hasInputNorm = true): TensorSpec[] {
  const [own] = architecture.layers;
  return partsOf(architecture, own)
    .filter(({ role }) => hasInputNorm || role !== "attention.norm")
    .map(({ role, what, shape }) => ({ name: `${prefix}.${llamaModule(role)}.${what}`, shape }));
}

interface Part {
  role: LayerRole;
  what: "weight" | "bias";
  shape: number[];
}

function partsOf(architecture: Architecture, { attention, mlp }: LayerSpec): Part[] {
  const { hiddenSize, intermediateSize, numHeads, numKeyValueHeads, headDim } = architecture;
  const { qkNorm, qkvBias, outputBias, mlpBias } = architecture;
  const querySize = numHeads * headDim;
  const keySize = numKeyValueHeads * headDim;
  const parts: Part[] = [];
  const norm = (role: LayerRole, own: NormSpec | null) => {
    if (!own) return;
    parts.push({ role, what: "weight", shape: [hiddenSize] });
    if (hasBias(own)) parts.push({ role, what: "bias", shape: [hiddenSize] });
  };
  const linear = (role: LayerRole, out: number, width: number, isBiased: boolean) => {
    parts.push({ role, what: "weight", shape: [out, width] });
    if (isBiased) parts.push({ role, what: "bias", shape: [out] });
  };
  norm("attention.norm", attention.norm);
  linear("attention.q", querySize, hiddenSize, qkvBias);
  linear("attention.k", keySize, hiddenSize, qkvBias);
  linear("attention.v", keySize, hiddenSize, qkvBias);
  if (qkNorm) {
    const [query, key] = qkNorm.isWhole ? [querySize, keySize] : [headDim, headDim];
    parts.push({ role: "attention.qNorm", what: "weight", shape: [query] });
    parts.push({ role: "attention.kNorm", what: "weight", shape: [key] });
  }
  linear("attention.output", hiddenSize, querySize, outputBias);
  norm("attention.after", attention.after);
  norm("mlp.norm", mlp.norm);
  if (mlp.kind === "gated") linear("mlp.gate", intermediateSize, hiddenSize, mlpBias);
  linear("mlp.up", intermediateSize, hiddenSize, mlpBias);
  linear("mlp.down", hiddenSize, intermediateSize, mlpBias);
  norm("mlp.after", mlp.after);
  return parts;
}

function hasBias(norm: NormSpec): boolean {
  return norm.way === "plain" && norm.hasBias;
}

function spec(
  architecture: Architecture,
  role: LayerRole | OuterRole,
  layer: number | null,
  what: "weight" | "bias",
  shape: number[],
): TensorSpec {
  const [own] = llamaTensor(role, layer).names;
  const { names, part, ...how } = (familyOf(architecture.modelType)?.tensor ?? llamaTensor)(role, layer);
  const stored = { ...how, part: place(architecture, part), names: names.map((name) => `${name}.${what}`) };
  return { name: `${own}.${what}`, shape, stored };
}

/** A part of what is stored as one, by this model's sizes. */
function place(architecture: Architecture, part: Stored["part"]): Placed["part"] {
  if (!part || !("among" in part)) return part;
  const sizes = part.among.map((role) => numRowsOf(architecture, role));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  return { first: sum(sizes.slice(0, part.among.indexOf(part.role))), numRows: sum(sizes) };
}

/** Rows of the matrix of a role. */
function numRowsOf(
  { numHeads, numKeyValueHeads, headDim, intermediateSize, hiddenSize }: Architecture,
  role: LayerRole,
) {
  if (role === "attention.q") return numHeads * headDim;
  if (role === "attention.k" || role === "attention.v") return numKeyValueHeads * headDim;
  return role === "mlp.gate" || role === "mlp.up" ? intermediateSize : hiddenSize;
}

/**
 * The tensors the architecture needs, by our own names and checked: a missing one and a wrong shape are a `ModelLoadError` that
 * names the tensor as the file does, what was found and what was expected. Tensors it doesn't need are left out.
 */
export function loadWeights(
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  specs: readonly TensorSpec[] = tensorNames(architecture),
  file = "the weights",
): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  for (const spec of specs) {
    const { name, shape, stored = { names: [name] } } = spec;
    const found = findStored(architecture, tensors, spec, file);
    weights.set(name, takeStored(found, { name, shape, stored, numHeads: architecture.numHeads }));
  }
  return weights;
}

/** The tensor of a file that holds one of ours, checked: a missing one and a wrong shape are a `ModelLoadError`. */
export function findStored<T extends TensorPlan>(
  { modelType }: Architecture,
  tensors: ReadonlyMap<string, T>,
  { name, shape, stored = { names: [name] } }: TensorSpec,
  file = "the weights",
): T {
  const found = stored.names.map((one) => tensors.get(one)).find((tensor) => tensor !== undefined);
  const expected = storedShape(shape, stored);
  if (!found) {
    throw new ModelLoadError(
      `Tensor ${stored.names[0]} of shape [${expected.join(", ")}] is missing in ${file}: config.json (model_type ${modelType}) needs it.`,
      "missing_tensor",
    );
  }
  if (found.shape.length !== expected.length || found.shape.some((size, axis) => size !== expected[axis])) {
    throw new ModelLoadError(
      `Tensor ${found.name} has shape [${found.shape.join(", ")}], expected [${expected.join(", ")}] by config.json.`,
      "wrong_shape",
    );
  }
  return found;
}

/** What a file has for a model's two ends. */
export function endsOf(
  architecture: Architecture,
  tensors: ReadonlyMap<string, TensorPlan>,
): { head?: TensorPlan; embedding?: TensorPlan } {
  const of = (role: OuterRole) => {
    const { stored } = spec(architecture, role, null, "weight", []);
    return stored?.names.map((name) => tensors.get(name)).find((tensor) => tensor !== undefined);
  };
  return { head: of("lmHead"), embedding: of("embedding") };
}
