import { onnxDevice } from "../testing/onnx-device.js";
import { headSuite } from "../testing/head-suite.js";
import { joinedOnOnnx } from "../testing/joined-bed.js";

headSuite(joinedOnOnnx(await onnxDevice()));
