import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

/** What of ONNX Runtime Web a page, a worker and Node load: its script, and WebAssembly with the script that starts it. */
const FILES = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
/** The same with its WebGPU and WebNN (17 MB), for the pages of this repository: `package.json` leaves it out of the package. */
const OF_PROVIDERS = ["ort.jspi.min.mjs", "ort-wasm-simd-threaded.jspi.mjs", "ort-wasm-simd-threaded.jspi.wasm"];

/** Copies ONNX Runtime's files and their licence into `onnxruntime/` in a folder of scripts, where `load-runtime.ts` looks for them. */
export function copyOnnxFiles(folder) {
  const target = path.join(folder, "onnxruntime");
  mkdirSync(target, { recursive: true });
  for (const file of [...FILES, ...OF_PROVIDERS])
    copyFileSync(path.join(root, "node_modules/onnxruntime-web/dist", file), path.join(target, file));
  copyFileSync(path.join(root, "scripts/onnxruntime-license.txt"), path.join(target, "LICENSE"));
}
