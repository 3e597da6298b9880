import { ModelLoadError } from "../../vocabulary/errors.js";
import { openFile, readAll } from "../checkpoint.js";
import type { ModelSource } from "../source.js";
import type { Tensor, TensorPlan } from "../tensor.js";
import { widen } from "../widen.js";
import { CONFIG, type LoraConfig, parseLoraConfig } from "./lora-config.js";

/** The file of an adapter's weights. */
export const WEIGHTS = "adapter_model.safetensors";

/** What is added to a matrix: `scale · B A`, A `[rank, in]`, B `[out, rank]`. */
export interface LowRank {
  module: string;
  scale: number;
  rank: number;
  numIn: number;
  numOut: number;
  a: Float32Array;
  b: Float32Array;
}

/** An adapter: what it adds by module, and whole tensors that take the place of the model's. */
export interface Lora {
  config: LoraConfig;
  factors: Map<string, LowRank>;
  /** By the name of the tensor. */
  whole: Map<string, Tensor>;
}

/** Reads an adapter's folder. Throws `ModelLoadError`. */
export async function readLora(source: ModelSource, signal?: AbortSignal): Promise<Lora> {
  const config = parseLoraConfig(await source.json(CONFIG, signal));
  const tensors = await readAll(await openFile(source, WEIGHTS, { signal }), signal);
  const whole = new Map<string, Tensor>();
  const halves = new Map<string, { a?: Tensor; b?: Tensor }>();
  for (const [key, tensor] of tensors) {
    const name = key.replace(/^base_model\.model\./, "");
    const [, module, which] = /^(.+)\.lora_([AB])(?:\.default)?\.weight$/.exec(name) ?? [];
    if (module !== undefined) {
      halves.set(module, { ...halves.get(module), [which.toLowerCase()]: tensor });
    } else if (/\.lora_|\.base_layer\./.test(name)) {
      throw new ModelLoadError(
        `Tensor ${key} in ${WEIGHTS} isn't supported; supported: lora_A and lora_B of matrices, and whole weights of modules_to_save.`,
        "unsupported_config",
      );
    } else {
      whole.set(name.replace(/\.modules_to_save(?:\.default)?\./, "."), tensor);
    }
  }
  const factors = new Map<string, LowRank>();
  for (const [module, { a, b }] of halves) factors.set(module, lowRank(config, module, a, b));
  return { config, factors, whole };
}

function lowRank(config: LoraConfig, module: string, a: Tensor | undefined, b: Tensor | undefined): LowRank {
  if (!a || !b) {
    throw new ModelLoadError(
      `Tensor ${module}.lora_${a ? "B" : "A"}.weight is missing in ${WEIGHTS}.`,
      "missing_tensor",
    );
  }
  const [rank, numIn] = a.shape;
  const [numOut, other] = b.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || rank !== other) {
    const shapes = [a, b].map(({ shape }: TensorPlan) => `[${shape.join(", ")}]`);
    throw new ModelLoadError(
      `lora_A of ${module} has shape ${shapes[0]} and lora_B ${shapes[1]}, expected [rank, in] and [out, rank].`,
      "wrong_shape",
    );
  }
  return { module, scale: config.scaleOf(module, rank), rank, numIn, numOut, a: widen(a), b: widen(b) };
}
