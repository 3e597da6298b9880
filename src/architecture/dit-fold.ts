import type { Checkpoint, Rows, Tensor, TensorPlan } from "../format/tensor.js";
import { widen } from "../format/widen.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import type { Architecture } from "./architecture.js";

/** What stands in the place of a tensor, or beside it. */
interface Folded {
  plan: TensorPlan;
  /** Of some rows; left out: of all. */
  values(rows?: Rows): Promise<Float32Array<ArrayBuffer>>;
}

const cut = (values: Float64Array, rows?: Rows) => (rows ? values.subarray(rows.begin, rows.end) : values);
const silu = (x: number) => x / (1 + Math.exp(-x));

/**
 * A diffusion transformer's weights with its conditioning folded in. Where a model isn't told the time, each block's modulation is a constant: scale and
 * shift go into the norms, as gains and biases, and gates into the products that join the residual stream.
 */
export async function foldConditioning(
  checkpoint: Checkpoint,
  { hiddenSize, layers, norm }: Pick<Architecture, "hiddenSize" | "layers" | "norm">,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const { tensors } = checkpoint;
  const prefix = tensors.has("backbone.vocab_embed.embedding") ? "backbone." : "";
  const plan = (name: string, shape?: readonly number[]): TensorPlan => {
    const found = tensors.get(name);
    if (!found) {
      throw new ModelLoadError(
        `Tensor ${name} is missing: the conditioning of a diffusion transformer needs it.`,
        "missing_tensor",
      );
    }
    if (shape && (found.shape.length !== shape.length || found.shape.some((size, axis) => size !== shape[axis]))) {
      throw new ModelLoadError(
        `Tensor ${name} has shape [${found.shape.join(", ")}], expected [${shape.join(", ")}].`,
        "wrong_shape",
      );
    }
    return found;
  };
  const values = async (name: string, rows?: Rows) => widen(await checkpoint.read(name, rows, signal));
  /** A module's product with a vector, and its bias, in float64. */
  const linear = async (name: string, x: Float64Array): Promise<Float64Array> => {
    const [numRows] = plan(`${name}.weight`).shape;
    plan(`${name}.weight`, [numRows, x.length]);
    plan(`${name}.bias`, [numRows]);
    const [weight, bias] = [await values(`${name}.weight`), await values(`${name}.bias`)];
    return Float64Array.from(bias, (own, row) =>
      x.reduce((sum, value, k) => sum + value * weight[row * x.length + k], own),
    );
  };
  const names = new Map([[`${prefix}vocab_embed.weight`, `${prefix}vocab_embed.embedding`]]);
  // Without a modulation norms have no shift.
  if (norm.way !== "plain" || !norm.hasBias) return replaced(checkpoint, new Map(), names);
  // Of time 0: cosines are 1, sines 0.
  const [, width = 0] = plan(`${prefix}sigma_map.mlp.0.weight`).shape;
  const time = Float64Array.from({ length: width }, (_, i) => (i < Math.floor(width / 2) ? 1 : 0));
  const inner = (await linear(`${prefix}sigma_map.mlp.0`, time)).map(silu);
  const condition = (await linear(`${prefix}sigma_map.mlp.2`, inner)).map(silu);

  const folded = new Map<string, Folded>();
  const put = (name: string, shape: number[], made: Folded["values"]) =>
    folded.set(name, { plan: { name, dtype: "F32", shape }, values: made });
  /** A block's vectors, of which it has so many, worked out once. */
  const modulation = (name: string, count: number) => {
    plan(`${name}.weight`, [count * hiddenSize, condition.length]);
    let made: Promise<Float64Array> | null = null;
    return async (index: number) => {
      made ??= linear(name, condition);
      return (await made).subarray(index * hiddenSize, (index + 1) * hiddenSize);
    };
  };
  type Modulation = ReturnType<typeof modulation>;
  const normed = (name: string, of: Modulation, shift: number) => {
    plan(`${name}.weight`, [hiddenSize]);
    put(`${name}.weight`, [hiddenSize], async (rows) => {
      const scale = cut(await of(shift + 1), rows);
      return (await values(`${name}.weight`, rows)).map((gain, i) => gain * (1 + scale[i]));
    });
    put(`${name}.bias`, [hiddenSize], async (rows) => Float32Array.from(cut(await of(shift), rows)));
  };
  const gated = (name: string, of: Modulation, gate: number) => {
    const { shape } = plan(name);
    put(name, shape, async (rows) => {
      const factors = await of(gate);
      const begin = rows?.begin ?? 0;
      const width = shape[1] ?? 1;
      return (await values(name, rows)).map((value, i) => value * factors[begin + Math.floor(i / width)]);
    });
  };
  for (const layer of layers.keys()) {
    const p = `${prefix}blocks.${layer}.`;
    const of = modulation(`${p}adaLN_modulation`, 6);
    normed(`${p}norm1`, of, 0);
    gated(`${p}attn_out.weight`, of, 2);
    normed(`${p}norm2`, of, 3);
    gated(`${p}mlp.2.weight`, of, 5);
    gated(`${p}mlp.2.bias`, of, 5);
  }
  normed(`${prefix}output_layer.norm_final`, modulation(`${prefix}output_layer.adaLN_modulation`, 2), 0);
  return replaced(checkpoint, folded, names);
}

/** A checkpoint with some tensors in the place of others, or behind them, and some under other names. */
function replaced(
  checkpoint: Checkpoint,
  folded: ReadonlyMap<string, Folded>,
  names: ReadonlyMap<string, string>,
): Checkpoint {
  const given = new Map([...names].map(([own, other]) => [other, own]));
  const tensors = new Map<string, TensorPlan>();
  for (const [other, plan] of checkpoint.tensors) {
    const name = given.get(other) ?? other;
    tensors.set(name, folded.get(name)?.plan ?? { ...plan, name });
    // A norm's bias is made where its gain is read.
    const bias = folded.get(other.replace(/\.weight$/, ".bias"));
    if (bias && !checkpoint.tensors.has(bias.plan.name)) tensors.set(bias.plan.name, bias.plan);
  }
  return {
    tensors,
    async read(name, rows, signal): Promise<Tensor> {
      const made = folded.get(name);
      if (!made) return { ...(await checkpoint.read(names.get(name) ?? name, rows, signal)), name };
      const { plan } = made;
      const values = await made.values(rows);
      const shape = rows ? [rows.end - rows.begin, ...plan.shape.slice(1)] : plan.shape;
      return { name, dtype: "F32", shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
    },
    close: () => checkpoint.close(),
  };
}
