import { ModelLoadError } from "../../vocabulary/errors.js";
import { openCheckpoint } from "../checkpoint.js";
import type { CheckpointReading, ModelSource } from "../source.js";
import { type Checkpoint, type Rows, rowsOf, type Tensor, type TensorPlan } from "../tensor.js";
import { widen } from "../widen.js";
import { type Lora, type LowRank, readLora, WEIGHTS } from "./read.js";

/** A matrix of the model, and what is added to it. */
interface Target {
  factors: LowRank;
  /** The file has it as `[in, out]`. */
  isTransposed: boolean;
}

/** A checkpoint whose matrices are those of `base` and what `lora` adds to them. Throws `ModelLoadError`. */
export async function openMerged(
  base: ModelSource,
  lora: ModelSource,
  reading: CheckpointReading,
): Promise<Checkpoint> {
  const adapter = await readLora(lora, reading.signal);
  const checkpoint = await openCheckpoint(base, reading);
  try {
    return merged(checkpoint, adapter);
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** A checkpoint with an adapter's weights in it. Throws `ModelLoadError` for an adapter of another model. */
export function merged(checkpoint: Checkpoint, adapter: Lora): Checkpoint {
  const named = new Map([...checkpoint.tensors.keys()].map((name) => [plainName(name), name]));
  const tensors = new Map(checkpoint.tensors);
  const targets = new Map<string, Target>();
  for (const factors of adapter.factors.values()) {
    const name = named.get(plainName(`${factors.module}.weight`));
    const plan = name === undefined ? undefined : checkpoint.tensors.get(name);
    if (!plan) throw unknown(`${factors.module}.weight`, "a matrix of its own");
    targets.set(plan.name, targetOf(factors, plan, adapter.config.isTransposed));
    tensors.set(plan.name, { ...plan, dtype: "F32" });
  }
  const whole = placed(checkpoint, named, adapter.whole);
  for (const [name, { dtype, shape }] of whole) tensors.set(name, { name, dtype, shape });
  return {
    tensors,
    async read(name, rows, signal) {
      const own = whole.get(name);
      if (own) return rows ? rowsOf(own, rows) : own;
      const found = await checkpoint.read(name, rows, signal);
      const target = targets.get(name);
      return target ? added(found, target, rows) : found;
    },
    close: () => checkpoint.close(),
  };
}

/** A tensor's name without what a whole model's checkpoint puts before those of its base model. */
function plainName(name: string): string {
  return name.replace(/^(?:model|transformer|gpt_neox)\./, "");
}

function unknown(name: string, what: string): ModelLoadError {
  return new ModelLoadError(
    `${WEIGHTS} has weights for ${name}, of which the model has none as ${what}: the adapter is of another model.`,
    "wrong_adapter",
  );
}

/** How a module's factors fit the matrix: as the config says, or turned where only that fits. */
function targetOf(factors: LowRank, { name, shape }: TensorPlan, isTransposed: boolean): Target {
  const { numIn, numOut } = factors;
  const fits = (turned: boolean) => {
    const [rows, columns] = turned ? [numIn, numOut] : [numOut, numIn];
    return shape.length === 2 && shape[0] === rows && shape[1] === columns;
  };
  if (fits(isTransposed)) return { factors, isTransposed };
  if (fits(!isTransposed)) return { factors, isTransposed: !isTransposed };
  throw new ModelLoadError(
    `${WEIGHTS} has factors for [${numOut}, ${numIn}] of ${name}, which has shape [${shape.join(", ")}]: the adapter is of another model.`,
    "wrong_adapter",
  );
}

/** Whole tensors of an adapter by the model's names. */
function placed(
  checkpoint: Checkpoint,
  named: ReadonlyMap<string, string>,
  whole: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const out = new Map<string, Tensor>();
  const hasHead = [...named.keys(), ...whole.keys()].some((name) => /^(?:lm_head|embed_out)\.weight$/.test(name));
  for (const [key, tensor] of whole) {
    const own = named.get(plainName(key));
    // A head of a model that had none of its own, since it was the embedding.
    const name = own ?? (key === "lm_head.weight" ? key : null);
    if (name === null) throw unknown(key, "a weight");
    if (!hasHead && /(?:embed_tokens|wte|embed_in)\.weight$/.test(name)) {
      throw new ModelLoadError(
        `${WEIGHTS} replaces ${name} and not the LM head, which is the same matrix in this model: save both (modules_to_save).`,
        "unsupported_config",
      );
    }
    const shape = checkpoint.tensors.get(name)?.shape ?? tensor.shape;
    if (shape.join() !== tensor.shape.join()) {
      throw new ModelLoadError(
        `Tensor ${key} in ${WEIGHTS} has shape [${tensor.shape.join(", ")}], the model's [${shape.join(", ")}]: resized vocabularies aren't supported.`,
        "wrong_shape",
      );
    }
    out.set(name, { ...tensor, name });
  }
  return out;
}

/** Rows of a matrix and what is added to them: sums in float64, rounded once. */
function added(found: Tensor, { factors, isTransposed }: Target, rows: Rows | undefined): Tensor {
  const { a, b, rank, numIn, scale } = factors;
  const wide = widen(found);
  const out = new Float32Array(wide.length);
  const [numRows, width] = found.shape;
  const first = rows?.begin ?? 0;
  const sums = new Float64Array(width);
  for (let row = 0; row < numRows; row++) {
    sums.fill(0);
    for (let r = 0; r < rank; r++) {
      // Row of B A, or of its transpose: one factor of the row, and the other's row or column of all the width.
      const one = isTransposed ? a[r * numIn + first + row] : b[(first + row) * rank + r];
      if (one === 0) continue;
      if (isTransposed) for (let c = 0; c < width; c++) sums[c] += one * b[c * rank + r];
      else for (let c = 0; c < width; c++) sums[c] += one * a[r * numIn + c];
    }
    for (let c = 0; c < width; c++) out[row * width + c] = wide[row * width + c] + scale * sums[c];
  }
  return { name: found.name, dtype: "F32", shape: found.shape, bytes: new Uint8Array(out.buffer) };
}
