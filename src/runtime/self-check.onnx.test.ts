import { expect, it } from "vitest";
import { madeOnnxModel } from "../backend/onnx/load/load.js";
import { onnxDevice } from "../testing/onnx-device.js";
import { checkedModel, largestError } from "./self-check.js";

it("the numbers of ONNX Runtime's WebAssembly are right", async () => {
  const { architecture, tensors } = checkedModel();
  const model = await madeOnnxModel(await onnxDevice(), architecture, tensors, { name: "right" });
  expect(await largestError(model)).toBeLessThan(1e-4);
  model.dispose();
});
