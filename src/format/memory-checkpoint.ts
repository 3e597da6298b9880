import { invariant } from "../vocabulary/errors.js";
import { type Checkpoint, rowsOf, type Tensor } from "./tensor.js";

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
