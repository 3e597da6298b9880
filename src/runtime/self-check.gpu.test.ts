import { expect, it } from "vitest";
import { madeModel } from "../backend/webgpu/load/made-model.js";
import { fileDevice } from "../testing/file-device.js";
import { checkedModel, largestError, MOST_ERROR } from "./self-check.js";

const gpu = await fileDevice();

it("the adapter's numbers are right, and one weight that differs is noticed", async () => {
  const { architecture, tensors } = checkedModel();
  const right = await madeModel(gpu, "right", architecture, tensors);
  expect(await largestError(right)).toBeLessThan(1e-4);
  right.dispose();
  const name = "model.layers.0.self_attn.k_proj.weight";
  new Float32Array(tensors.get(name)?.bytes.buffer as ArrayBuffer)[0] += 1;
  const wrong = await madeModel(gpu, "wrong", architecture, tensors);
  expect(await largestError(wrong)).toBeGreaterThan(MOST_ERROR);
  wrong.dispose();
});
