import { onOnnx } from "../../testing/folder-model.js";
import { onnxDevice } from "../../testing/onnx-device.js";
import { restartSuite } from "../../testing/restart-suite.js";

restartSuite(onOnnx(await onnxDevice()));
