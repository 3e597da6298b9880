import { expect, it } from "vitest";
import { onnxFileOf } from "./onnx-file.js";
import { memorySource } from "./source.js";

const folder = (...names: string[]) => memorySource(new Map(names.map((name) => [name, ""])), "m/");

it.each([
  [["model.safetensors", "onnx/model.onnx"], {}, null],
  [["model.safetensors.index.json", "onnx/model.onnx"], {}, null],
  [[], {}, null],
  [["onnx/model.onnx", "onnx/model_q4.onnx"], {}, { path: "onnx/model.onnx", dtype: "fp32" }],
  [["onnx/model_q4.onnx", "onnx/model_quantized.onnx"], {}, { path: "onnx/model_quantized.onnx", dtype: "q8" }],
  [["onnx/decoder_model_merged.onnx"], {}, { path: "onnx/decoder_model_merged.onnx", dtype: "fp32" }],
  [["onnx/decoder_model_merged.onnx", "onnx/model.onnx"], {}, { path: "onnx/model.onnx", dtype: "fp32" }],
  [
    ["model.safetensors", "onnx/model_q4f16.onnx"],
    { dtype: "q4f16" },
    { path: "onnx/model_q4f16.onnx", dtype: "q4f16" },
  ],
  [
    ["onnx/model.onnx", "onnx/model_quantized.onnx"],
    { rounded: "q8" },
    { path: "onnx/model_quantized.onnx", dtype: "q8" },
  ],
  [["model.safetensors", "onnx/model_quantized.onnx"], { rounded: "q8" }, null],
] as const)("of %j, with %o, reads %o", async (names, choice, expected) => {
  expect(await onnxFileOf(folder(...names), choice)).toEqual(expected);
});

it("refuses a precision that the folder lacks, or that there isn't, with what to do", async () => {
  const some = folder("onnx/model.onnx");
  await expect(onnxFileOf(some, { dtype: "q4" })).rejects.toThrow(
    /m\/ has no ONNX file of dtype q4 \(onnx\/model_q4.onnx or onnx\/decoder_model_merged_q4.onnx\): give the dtype/,
  );
  await expect(onnxFileOf(some, { rounded: "q8" })).rejects.toThrow(/no ONNX file of dtype q8/);
  await expect(onnxFileOf(some, { dtype: "toString" })).rejects.toThrow(/dtype can't be "toString": .*fp32, fp16, q8/);
});
