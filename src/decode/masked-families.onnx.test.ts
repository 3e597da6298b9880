// Folders of the hub's diffusion families, read as they are: logits and greedy texts of a float64 reference, shift and blocks included.
import { describe, expect, it } from "vitest";
import { loadOnnx } from "../backend/onnx/load/load.js";
import { fileSource } from "../format/file-source.js";
import { openFolder } from "../runtime/folder.js";
import { expectLogits, expectText, MASKED_FIXTURES } from "../testing/masked-fixtures.js";
import { onnxDevice } from "../testing/onnx-device.js";

const device = await onnxDevice();

describe.each(MASKED_FIXTURES)("$name", (fixture) => {
  it.each(fixture.readings)("read by $reads says and writes what the reference does", async (reading) => {
    const blockLength = reading.blockLength ?? undefined;
    const { source, architecture } = await openFolder(fileSource(fixture.folder), { blockLength });
    const model = await loadOnnx(device, source, architecture, {});
    const { causal, bidirectional, blockLengths } = model.capabilities;
    const { reads } = reading;
    expect({ causal, bidirectional, blockLengths }).toEqual({
      causal: reads === "causal",
      bidirectional: reads !== "causal",
      blockLengths: typeof reads === "number" ? [reads] : [],
    });
    await expectLogits(fixture, reading, model);
    await expectText(fixture, reading, model);
    model.dispose();
  });
});
