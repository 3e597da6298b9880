import { Option } from "commander";
import { CACHES, DEVICES, ONNX_DTYPES, WEIGHT_FORMATS } from "../runtime/terminal.js";

/** `--device`. */
export const onDevice = () =>
  new Option(
    "--device <kind>",
    "where models run: WebGPU, or ONNX Runtime's build for WebAssembly or Node (default: auto, the best of these that there is)",
  ).choices(DEVICES);

/** `--software`. */
export const software = () => new Option("--software", "use the CPU's adapter (SwiftShader) even where there is a GPU");

/** `--weights`. */
export const weights = () =>
  new Option(
    "--weights <format>",
    "round the weights at load to 8 or 4 bits, with -int8 activations to 8; or multiply in f16; auto: the most exact that there is memory for (default: as in the file)",
  ).choices(WEIGHT_FORMATS);

/** `--kv-cache`. */
export const kvCache = () =>
  new Option(
    "--kv-cache <format>",
    "keep keys and values in 16 bits, or in 8 with a factor for each head: half or about a quarter of the memory, approximate (default: f32)",
  ).choices(CACHES);

/** `--memory-limit`. */
export const memoryLimit = () =>
  new Option(
    "--memory-limit <bytes>",
    "most that the model may take on webgpu with one text (default: what the device has)",
  );

/** `--dtype`. */
export const dtype = () =>
  new Option(
    "--dtype <name>",
    "read this one of the folder's ONNX files, on another device than webgpu (default: where there are no tensors, the most exact one)",
  ).choices(ONNX_DTYPES);

/** `--context`. */
export const context = () =>
  new Option("--context <n>", "tokens to make room for (default: what the model allows, at most 2048)");

/** `--trained-block`. */
export const trained = () =>
  new Option(
    "--trained-block <n|full>",
    "how a model reads that fills masks, where its config doesn't say: blocks, or all",
  );

/** `--tuning`. */
export const tuning = () => new Option("--tuning <file>", "use the kernels that `device --tune --json` wrote down");
