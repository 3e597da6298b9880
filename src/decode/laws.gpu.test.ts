import { fileDevice } from "../testing/file-device.js";
import { lawsSuite } from "../testing/laws-suite.js";
import { tinyModel } from "../testing/tiny-model.js";

const gpu = await fileDevice();
lawsSuite((seed, change) => tinyModel(gpu, seed, change));
