// The folders' models in float64, for tests and the portable report: decoder layers on rows that see what they are told to see.
import { loadCheckpoint } from "../format/checkpoint.js";
import type { ModelSource } from "../format/source.js";
import type { Tensor } from "../format/tensor.js";
import { widen } from "../format/widen.js";
import { activate, attend, matmul, rmsNorm, rotate } from "../backend/webgpu/ops/reference.js";
import type { Architecture } from "../architecture/architecture.js";
import { loadArchitecture } from "../backend/webgpu/load/load.js";

type Numbers = ArrayLike<number>;

/** Rows at these positions, and what runs over them. */
export interface ReferencePass {
  rows: Float64Array[];
  positions: readonly number[];
  numLayers: number;
  /** A tensor of a layer. */
  at(layer: number, name: string): Numbers | undefined;
  /** Rows that a row sees, itself among them; left out: those up to itself. */
  sees?(row: number): readonly number[];
  /** Added to a row's product with a module of a layer; left out: nothing. */
  delta?(layer: number, module: string, row: number, x: Numbers): Float64Array | null;
}

/** A model's weights as float64 takes them. */
export class ReferenceModel {
  private constructor(
    readonly architecture: Architecture,
    readonly weights: ReadonlyMap<string, Float32Array>,
  ) {}

  static async read(folder: ModelSource): Promise<ReferenceModel> {
    const architecture = await loadArchitecture(folder);
    const tensors = await loadCheckpoint(folder);
    return ReferenceModel.of(architecture, tensors);
  }

  /** Of tensors by our own names. */
  static of(architecture: Architecture, tensors: ReadonlyMap<string, Tensor>): ReferenceModel {
    return new ReferenceModel(architecture, new Map([...tensors].map(([name, tensor]) => [name, widen(tensor)])));
  }

  weight(name: string): Float32Array {
    return this.weights.get(name) as Float32Array;
  }

  embed(token: number): Float64Array {
    const { hiddenSize } = this.architecture;
    const table = this.weight("model.embed_tokens.weight");
    return Float64Array.from(table.subarray(token * hiddenSize, (token + 1) * hiddenSize));
  }

  /** The model's own layers and its final norm: what its LM head reads. */
  states(pass: Omit<ReferencePass, "numLayers" | "at">): Float64Array[] {
    const { layers, norm } = this.architecture;
    const at = (layer: number, name: string) => this.weights.get(`model.layers.${layer}.${name}`);
    return this.layers({ ...pass, numLayers: layers.length, at }).map((row) =>
      rmsNorm(row, this.weight("model.norm.weight"), norm.eps),
    );
  }

  layers({ rows, positions, numLayers, at, sees, delta = () => null }: ReferencePass): Float64Array[] {
    const { headDim, numHeads, numKeyValueHeads, norm, qkNorm, layers } = this.architecture;
    // A head's layers are like the model's.
    const [{ attention, mlp }] = layers;
    const add = (a: Float64Array, b: Numbers) => a.map((value, i) => value + b[i]);
    const visible = sees ?? ((row: number) => Array.from({ length: row + 1 }, (_, i) => i));
    let x = rows;
    for (let layer = 0; layer < numLayers; layer++) {
      const product = (module: string, input: Numbers, row: number) => {
        const w = at(layer, `${module}.weight`) as Numbers;
        const { values } = matmul(input, w, { m: 1, k: input.length, n: w.length / input.length });
        const more = delta(layer, module, row, input);
        return more ? add(values, more) : values;
      };
      const gain = at(layer, "input_layernorm.weight");
      const normed = x.map((row) => (gain ? rmsNorm(row, gain, norm.eps) : row));
      const heads = (name: "q" | "k" | "v", rotates: boolean) =>
        normed.map((row, m) => {
          const all = product(`self_attn.${name}_proj`, row, m);
          const headGain = at(layer, `self_attn.${name}_norm.weight`);
          return Array.from({ length: all.length / headDim }, (_, h) => {
            const own = all.subarray(h * headDim, (h + 1) * headDim);
            const head = headGain && qkNorm ? rmsNorm(own, headGain, qkNorm.eps) : own;
            return rotates && attention.rope ? rotate(head, positions[m], attention.rope.inverseFrequencies) : head;
          });
        });
      const [q, k, v] = [heads("q", true), heads("k", true), heads("v", false)];
      x = x.map((row, m) => {
        const attended = Array.from({ length: numHeads }, (_, h) => {
          const g = Math.floor((h * numKeyValueHeads) / numHeads);
          const seen = (all: Float64Array[][]) => visible(m).map((one) => all[one][g]);
          return [...attend(q[m][h], seen(k), seen(v), attention.scale)];
        });
        const middle = add(row, product("self_attn.o_proj", attended.flat(), m));
        const inner = rmsNorm(middle, at(layer, "post_attention_layernorm.weight") as Numbers, norm.eps);
        const up = product("mlp.up_proj", inner, m);
        const gated = product("mlp.gate_proj", inner, m).map((value, i) => activate(mlp.activation, value) * up[i]);
        return add(middle, product("mlp.down_proj", gated, m));
      });
    }
    return x;
  }

  /** Logits of these states of rows, row after row. */
  logits(states: readonly Float64Array[]): number[] {
    const { hiddenSize, vocabSize, tied } = this.architecture;
    const table = this.weight(tied ? "model.embed_tokens.weight" : "lm_head.weight");
    return states.flatMap((row) => [...matmul(row, table, { m: 1, n: vocabSize, k: hiddenSize }).values]);
  }
}
