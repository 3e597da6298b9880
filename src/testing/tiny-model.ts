import type { Rounding } from "../seam/rounding.js";
import type { Tensor } from "../format/tensor.js";
import { invariant } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import { numbers } from "./test-bed.js";
import type { Architecture, FoldedRms, LayerSpec } from "../architecture/architecture.js";
import { tensorNames } from "../architecture/tensors.js";
import type { Cell } from "../backend/host/cell.js";
import type { Law } from "../backend/host/law.js";
import type { Attend } from "../seam/forward.js";
import type { Model } from "../seam/model.js";
import { madeModel } from "../backend/webgpu/load/made-model.js";
import type { WebGpuModel } from "../backend/webgpu/session/webgpu-model.js";

/** Its number of ids, the mask among them. */
export const TINY_VOCAB = 5;
/** The last id. */
export const TINY_MASK = 4;

const NORM: FoldedRms = { way: "folded", eps: 1e-6, gainOffset: 0 };

/** Its layer. */
export const TINY_LAYER: LayerSpec = {
  attention: {
    norm: NORM,
    after: null,
    rope: { rotaryDim: 6, inverseFrequencies: Float64Array.of(1, 0.3, 0.1), attentionScale: 1, beyond: null },
    window: null,
    scale: 6 ** -0.5,
  },
  mlp: { norm: NORM, after: null, kind: "gated", activation: "silu" },
  isParallel: false,
};

/** One layer, five tokens, random weights large enough that the law is far from even. */
function tinyArchitecture(): Architecture {
  return {
    modelType: "a2d-qwen3",
    vocabSize: TINY_VOCAB,
    hiddenSize: 12,
    intermediateSize: 20,
    numHeads: 2,
    numKeyValueHeads: 1,
    headDim: 6,
    embedding: { scale: 1, numPositions: null },
    layers: [TINY_LAYER],
    norm: NORM,
    qkNorm: NORM,
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
    tied: false,
    maxLength: 16,
    bosToken: null,
    eosTokens: [],
    maskToken: TINY_MASK,
    causal: true,
    bidirectional: true,
    blockLengths: [4],
    defaultBlockLength: 4,
    blockAlign: "absolute",
    inPlace: true,
  };
}

/** Of weights that the seed gives; `spoil` may change a tensor's values. */
export async function tinyModel(
  gpu: Gpu,
  seed: number,
  change: Partial<Architecture> = {},
  spoil?: (name: string, values: Float32Array) => void,
  rounding: Rounding | null = null,
): Promise<WebGpuModel> {
  const { architecture, tensors } = tinyWeights(seed, change, spoil);
  return madeModel(gpu, "tiny", architecture, tensors, rounding);
}

/** Its architecture and weights, for any backend. */
export function tinyWeights(
  seed: number,
  change: Partial<Architecture> = {},
  spoil?: (name: string, values: Float32Array) => void,
): { architecture: Architecture; tensors: Map<string, Tensor> } {
  const architecture = { ...tinyArchitecture(), ...change };
  const tensors = new Map<string, Tensor>();
  tensorNames(architecture).forEach(({ name, shape }, i) => {
    const values = numbers(
      i + seed,
      shape.reduce((a, b) => a * b),
    );
    const isNorm = name.includes("norm");
    const own = values.map((value) => (isNorm ? 1 : value));
    spoil?.(name, own);
    const bytes = new Uint8Array(own.buffer);
    tensors.set(name, { name, dtype: "F32", shape, bytes });
  });
  return { architecture, tensors };
}

/**
 * What a one-layer model says, measured on the GPU for all that a row can see of `length` positions of which the first holds
 * one of `firsts`: with it, a model on the CPU stands for the one on the GPU. Of a model of one layer a row's logits depend
 * on nothing but its own token and those that it sees.
 */
export async function measuredLaw(model: Model, length: number, firsts: readonly TokenId[]): Promise<Law> {
  const table = new Map<string, Float32Array>();
  const session = model.session();
  const keyOf = ({ token, position }: Sighted, seen: readonly Sighted[]) =>
    `${token}@${position} sees ${seen.map((other) => `${other.token}@${other.position}`).sort()}`;
  const logitsOf = (cells: readonly Sighted[], attend: Attend) => {
    const [tokens, positions] = [cells.map(({ token }) => token), cells.map(({ position }) => position)];
    return session.forward({ tokens, positions, attend, keep: 0 }).logits();
  };
  const rowOf = (logits: Float32Array, row: number) => logits.slice(row * TINY_VOCAB, (row + 1) * TINY_VOCAB);
  const measure = async (cells: readonly Sighted[]) => {
    const all = await logitsOf(cells, { rank: cells.map(() => 0) });
    cells.forEach((cell, i) => {
      table.set(keyOf(cell, cells), rowOf(all, i));
    });
    // Masks of any-subset models don't see themselves.
    for (let position = 0; position < length; position++) {
      if (cells.some((cell) => cell.position === position)) continue;
      const asked = { token: TINY_MASK, position };
      const rank = [...cells.map(() => 0), 1];
      const logits = await logitsOf([...cells, asked], { rank, strict: true, queries: 1 });
      table.set(keyOf(asked, cells), rowOf(logits, cells.length));
    }
  };
  const visit = async (position: number, cells: readonly Sighted[]): Promise<void> => {
    if (position === length) return cells.length > 0 ? measure(cells) : undefined;
    await visit(position + 1, cells);
    const tokens = position === 0 ? firsts : Array.from({ length: TINY_VOCAB }, (_, token) => token);
    for (const token of tokens) await visit(position + 1, [...cells, { token, position }]);
  };
  await visit(0, []);
  session.dispose();
  return {
    key: () => 0,
    logits(cell, seen) {
      const row = table.get(keyOf(cell, seen));
      invariant(row, `nothing was measured of ${keyOf(cell, seen)}`);
      return Float64Array.from(row);
    },
  };
}

type Sighted = Pick<Cell, "token" | "position">;
