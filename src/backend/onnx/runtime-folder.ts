/** Where the sources have ONNX Runtime's files; a build puts `onnxruntime/` beside its script in this place (`vite.config.ts`). */
const FOLDER = "../../../node_modules/onnxruntime-web/dist/";

/** The address of the folder with ONNX Runtime's three files. */
export const runtimeFolder = new URL(FOLDER, import.meta.url).href;
