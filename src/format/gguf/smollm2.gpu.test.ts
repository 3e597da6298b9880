import { fileDevice } from "../../testing/file-device.js";
import { loadModel } from "../../testing/load-model.js";
import { HAS_SMOLLM2, smollm2Suite } from "../../testing/smollm2.js";

const gpu = HAS_SMOLLM2 ? await fileDevice() : null;

smollm2Suite((source) => loadModel(gpu as never, source));
