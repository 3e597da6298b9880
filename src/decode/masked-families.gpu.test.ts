// A diffusion transformer on WebGPU: conditioning folded into its weights, and an LM head with a bias. The other families have layers that
// goldens.gpu.test.ts compares, and all are read and write in masked-families.onnx.test.ts.
import { expect, it } from "vitest";
import { loadTransformer } from "../backend/webgpu/load/load.js";
import { fileSource } from "../format/file-source.js";
import { openFolder } from "../runtime/folder.js";
import { fileDevice } from "../testing/file-device.js";
import { expectLogits, MASKED_FIXTURES } from "../testing/masked-fixtures.js";

const gpu = await fileDevice();

it("BD3-LM says what the reference does", async () => {
  const fixture = MASKED_FIXTURES.find(({ name }) => name === "bd3lm");
  if (!fixture) return expect.unreachable("the fixture is there");
  const { source, architecture } = await openFolder(fileSource(fixture.folder));
  const model = await loadTransformer(gpu, source, architecture);
  await expectLogits(fixture, fixture.readings[0], model);
  model.dispose();
});
