import { lawsSuite } from "../testing/laws-suite.js";
import { onnxDevice, tinyOnnx } from "../testing/onnx-device.js";

const device = await onnxDevice();
lawsSuite((seed, change) => tinyOnnx(device, seed, change));
