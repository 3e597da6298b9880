import { expect, it } from "vitest";
import { parseConfig } from "../architecture/config.js";
import { contextOf } from "../backend/webgpu/load/load.js";
import { fileSource } from "../format/file-source.js";
import { headSuite } from "../testing/head-suite.js";
import { joinedOnOnnx } from "../testing/joined-bed.js";
import { onnxDevice } from "../testing/onnx-device.js";
import { randomHead } from "../testing/random-head.js";

const bed = joinedOnOnnx(await onnxDevice());
headSuite(bed);

it("a head's bytes are counted as the runtime holds them, its copy of an embedding in 16 bits widened", async () => {
  const folder = fileSource("public/models/story-draft");
  const config = (await folder.json("config.json")) as Record<string, unknown>;
  const architecture = parseConfig(config);
  const before = bed.heldBytes();
  const plain = await bed.load(folder, architecture, {});
  const plainBytes = bed.heldBytes() - before;
  plain.dispose();
  const { source, tensors } = randomHead({ ...config, model_type: "llama" }, 3);
  const model = await bed.load(folder, architecture, { head: source });
  const { vocabSize, hiddenSize, headDim } = architecture;
  const own = [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0);
  // A graph has a sine and a cosine for each position and pair of a head's numbers.
  const table = contextOf(architecture) * headDim;
  expect(bed.heldBytes() - before).toBe(plainBytes + 4 * (vocabSize * hiddenSize + own + table));
  model.dispose();
});
