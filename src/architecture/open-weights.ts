import { type Checkpoint, rowsOf, type Tensor, type TensorPlan } from "../format/tensor.js";
import type { Architecture } from "./architecture.js";
import { familyOf } from "./families.js";
import { storedRows, takeStored } from "./stored.js";
import { endsOf, findStored, type TensorSpec, tensorNames } from "./tensors.js";

/** A model's weights, opened and checked. */
export interface OpenWeights {
  /** As the file has it: a model whose config ties its LM head to the embedding may have one of its own. */
  architecture: Architecture;
  /** By our own names and in our own layout, in the order in which the files hold them. */
  weights: Checkpoint;
}

/**
 * The weights of a model, of which only names and shapes are read; an LM head that the config says is the embedding is compared with it.
 * A missing tensor and a wrong shape are a `ModelLoadError`. Closing them closes the checkpoint.
 */
export async function openWeights(
  architecture: Architecture,
  stored: Checkpoint,
  signal?: AbortSignal,
): Promise<OpenWeights> {
  const fold = familyOf(architecture.modelType)?.fold;
  const checkpoint = fold ? await fold(stored, architecture, signal) : stored;
  const isOther = architecture.tied && (await hasOwnHead(architecture, checkpoint, signal));
  const own = isOther ? { ...architecture, tied: false } : architecture;
  return { architecture: own, weights: placed(own, checkpoint) };
}

function placed(architecture: Architecture, checkpoint: Checkpoint): Checkpoint {
  const order = new Map([...checkpoint.tensors.keys()].map((name, index) => [name, index]));
  const places = tensorNames(architecture)
    .map((spec) => ({ spec, found: findStored(architecture, checkpoint.tensors, spec) }))
    .sort((a, b) => Number(order.get(a.found.name)) - Number(order.get(b.found.name)));
  const byName = new Map(places.map((place) => [place.spec.name, place]));
  // Several of ours are cut from one of the file's, one after the other.
  let last: { name: string; whole: Promise<Tensor> } | null = null;
  return {
    tensors: new Map(places.map(({ spec: { name, shape }, found }) => [name, { name, shape, dtype: found.dtype }])),
    async read(name, rows, signal) {
      const { spec, found } = byName.get(name) as { spec: TensorSpec; found: TensorPlan };
      const { shape, stored = { names: [name] } } = spec;
      const direct = storedRows(shape, stored, rows);
      if (direct) {
        const isWhole = direct.begin === 0 && direct.end === found.shape[0];
        return { ...(await checkpoint.read(found.name, isWhole ? undefined : direct, signal)), name };
      }
      if (last?.name !== found.name) last = { name: found.name, whole: checkpoint.read(found.name, undefined, signal) };
      const { numHeads } = architecture;
      const taken = takeStored(await last.whole, { name, shape, stored, numHeads });
      const whole = { ...taken, bytes: taken.bytes };
      return rows ? rowsOf(whole, rows) : whole;
    },
    close: () => {
      last = null;
      return checkpoint.close();
    },
  };
}

/** Whether a checkpoint has an LM head that isn't the embedding. */
async function hasOwnHead(architecture: Architecture, checkpoint: Checkpoint, signal?: AbortSignal): Promise<boolean> {
  const { head, embedding } = endsOf(architecture, checkpoint.tensors);
  if (!head || !embedding) return false;
  const isLike = head.dtype === embedding.dtype && head.shape.every((size, axis) => size === embedding.shape[axis]);
  if (!isLike) return true;
  const { areDifferent } = await import("./own-head.js");
  return areDifferent(checkpoint, head, embedding, signal);
}
