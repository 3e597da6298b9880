import { onnxDevice } from "../../testing/onnx-device.js";
import { maskSuite } from "../../testing/mask-suite.js";
import { joinedOnOnnx } from "../../testing/joined-bed.js";

maskSuite(joinedOnOnnx(await onnxDevice()));
