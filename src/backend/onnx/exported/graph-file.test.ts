import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { encodeModel, type OnnxModel } from "../onnx-proto.js";
import { readGraphFile } from "./graph-file.js";

const bytes = new Uint8Array(readFileSync("tests/fixtures/exports/model_q4f16.onnx"));

it("reads versions and roundings of files that others made", () => {
  const read = (name: string) => readGraphFile(new Uint8Array(readFileSync(`tests/fixtures/exports/${name}`)));
  expect(read("model.onnx")).toEqual({ opsets: new Map([["", 14]]), externalFiles: new Map(), rounding: null });
  expect(read("model_quantized.onnx").rounding).toBe("q8-int8");
  expect(read("model_q4f16.onnx")).toMatchObject({
    opsets: new Map([
      ["", 14],
      ["com.microsoft", 1],
    ]),
    rounding: "q4",
  });
});

const model = (change: Partial<OnnxModel>): Uint8Array =>
  encodeModel({
    irVersion: 11,
    opsets: [{ domain: "", version: 23 }],
    nodes: [],
    tensors: [],
    inputs: [],
    outputs: [],
    ...change,
  });

it("finds weights in files beside it, and how far these must reach", () => {
  const tensors = [3, 7].map((numBytes) => ({
    name: `t${numBytes}`,
    type: 1 as const,
    shape: [1],
    bytes: { file: "data", numBytes },
  }));
  expect(readGraphFile(model({ tensors })).externalFiles).toEqual(new Map([["data", 7]]));
});

it.each([
  ["MatMulNBits", [{ name: "bits", int: 8 }], "q8"],
  [
    "MatMulNBits",
    [
      { name: "bits", int: 4 },
      { name: "accuracy_level", int: 4 },
    ],
    "q4-int8",
  ],
  ["MatMulNBits", [], "q4"],
  ["MatMulBnb4", [], "q4"],
  ["DequantizeLinear", [], "q8"],
  ["DynamicQuantizeLinear", [], "q8-int8"],
  ["MatMul", [], null],
])("%s %o rounds as %s", (op, attributes, rounding) => {
  const node = { op, domain: "", inputs: [], outputs: ["y"], attributes };
  expect(readGraphFile(model({ nodes: [node] })).rounding).toBe(rounding);
});

it("refuses a file that ends anywhere before its end", () => {
  for (let length = 0; length < bytes.length; length += length < 50 || length > bytes.length - 50 ? 1 : 4999) {
    expect(() => readGraphFile(bytes.subarray(0, length)), String(length)).toThrow(/^it(s bytes| ends| holds)/);
  }
});

it.each([
  "",
  "{}",
  "<!doctype html>",
  "\0".repeat(500),
  "PK\x03\x04 and more of a zip",
  "\x8a\xff\xff\xff\xff\xff\xff\xff\xff",
])("refuses %j, in words that aren't the parser's", (text) => {
  const act = () => readGraphFile(new TextEncoder().encode(text));
  expect(act).toThrow(/^(it holds no graph|it ends .*|its bytes aren't laid out as a model's are)$/);
});
