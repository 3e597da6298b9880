import { expect, it } from "vitest";
import { exportedFile, exportFolder } from "../testing/export-folder.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { WebGpuBackend } from "./webgpu.js";

it("a folder of graphs alone is refused by the graph's name, with what to do", async () => {
  const source = exportFolder({ "onnx/model.onnx": exportedFile("model.onnx"), "config.json": { model_type: "bert" } });
  const backend = new WebGpuBackend({ source: () => source } as unknown as ConstructorParameters<
    typeof WebGpuBackend
  >[0]);
  const error: unknown = await backend.readConfig(source, { url: "m/" }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ModelLoadError);
  expect((error as Error).message).toMatch(
    /onnx\/model\.onnx\), which device "webgpu" doesn't run: take device "wasm"/,
  );
});
