import type { Architecture } from "../architecture/architecture.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import {
  type LoadOptions,
  loadArchitecture,
  loadFolderTokenizer,
  loadTransformer,
  withTokenizer,
} from "../backend/webgpu/load/load.js";
import { LoadClock, type LoadTimes } from "../backend/webgpu/load/load-times.js";
import type { MatmulFamilyName } from "../backend/webgpu/ops/variants.js";
import type { WebGpuModel } from "../backend/webgpu/session/webgpu-model.js";
import type { ModelSource } from "../format/source.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";

/** A model with its tokenizer, on one device. */
export interface LoadedModel {
  model: WebGpuModel;
  tokenizer: Tokenizer;
  architecture: Architecture;
  /** Last part of the folder's name. */
  name: string;
  /** Bytes of weights and activations on the device. */
  gpuBytes: number;
  /** The family of matmul kernels it runs on. */
  kernels: MatmulFamilyName;
  /** Where the time of the load went. */
  load: LoadTimes;
  dispose(): void;
}

/** For tests: a whole model folder: config, tokenizer, weights. What is wrong with small files shows before the large one is read. */
export async function loadModel(gpu: Gpu, source: ModelSource, options: LoadOptions = {}): Promise<LoadedModel> {
  const clock = new LoadClock();
  const timed = clock.timed(source);
  const read = await loadArchitecture(timed, options);
  const tokenizer = await loadFolderTokenizer(timed, read, options.signal);
  const architecture = withTokenizer(read, tokenizer);
  const model = await loadTransformer(gpu, source, architecture, options, clock);
  clock.enter("parseMs");
  gpu.kernels.mayStandIn = true;
  return {
    model,
    tokenizer,
    architecture,
    name: model.name,
    gpuBytes: model.transformer.arena.ownByteLength,
    kernels: model.transformer.variants.family,
    load: clock.times,
    dispose: () => model.dispose(),
  };
}
