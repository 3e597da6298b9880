import { invariant } from "../vocabulary/errors.js";
import { type Checkpoint, rowsOf, type Tensor, type TensorPlan, type Weights } from "./tensor.js";

/** Weights and others that are at hand, which come last. */
export function withTensors(weights: Weights, more: ReadonlyMap<string, Tensor>): Weights {
  const own = memoryCheckpoint(more);
  return {
    tensors: new Map<string, TensorPlan>([...weights.tensors, ...more]),
    read: (name, rows, signal) => (more.has(name) ? own : weights).read(name, rows, signal),
  };
}

/** Tensors at hand as a checkpoint, in their order; what is read of it are views. */
export function memoryCheckpoint(tensors: ReadonlyMap<string, Tensor>): Checkpoint {
  return {
    tensors,
    async read(name, rows) {
      const tensor = tensors.get(name);
      invariant(tensor, `the checkpoint has no tensor ${name}`);
      return rows ? rowsOf(tensor, rows) : tensor;
    },
    close: async () => {},
  };
}
