import { OutOfMemoryError } from "../errors.js";
import type { Gpu } from "../gpu/device.js";
import type { TransformerModel } from "./transformer.js";

/** A model whose memory the device has. Rejects with `OutOfMemoryError`, the device unharmed. */
export async function withinMemory(gpu: Gpu, make: () => TransformerModel): Promise<TransformerModel> {
  gpu.device.pushErrorScope("out-of-memory");
  let model: TransformerModel;
  let errorScope: Promise<GPUError | null>;
  try {
    model = make();
  } finally {
    errorScope = gpu.device.popErrorScope();
  }
  if (await errorScope) {
    const { name, arena } = model;
    const { ownByteLength } = arena;
    model.dispose();
    throw new OutOfMemoryError(
      `${name} needs ${ownByteLength} bytes on the device, which it doesn't have. Use a smaller model or context.`,
    );
  }
  return model;
}
