// @vitest-environment happy-dom
import { html, render } from "lit";
import { expect, it } from "vitest";
import type { ModelInfo } from "../worker/client.js";
import { renderRunsOn } from "./runs-on.js";

const GPU = { name: "webgpu", description: "Some GPU", isSoftware: false, why: "It is a GPU." } as const;
const WASM = { name: "wasm", description: "ONNX Runtime 1", isSoftware: true, why: "WebGPU is missing." } as const;

function linesOf(...models: [name: string, device: ModelInfo["device"]][]): (string | null)[] {
  const page = document.createElement("div");
  render(html`${renderRunsOn(models.map(([name, device]) => ({ name, device }) as ModelInfo))}`, page);
  return [...page.querySelectorAll("p")].map((line) => line.textContent);
}

it("models of one device have one line, with why; of several devices each line says whose it is", () => {
  expect(linesOf()).toEqual([]);
  expect(linesOf(["a", WASM], ["b", WASM], ["a", WASM])).toEqual(["Runs on wasm: ONNX Runtime 1. WebGPU is missing."]);
  expect(linesOf(["a", GPU], ["b", WASM], ["c", GPU])).toEqual([
    "a, c: runs on webgpu: Some GPU. It is a GPU.",
    "b: runs on wasm: ONNX Runtime 1. WebGPU is missing.",
  ]);
});

it("a software adapter is named as what it is; ONNX Runtime on the CPU is no adapter", () => {
  const software = { ...GPU, description: "SwiftShader", isSoftware: true };
  expect(linesOf(["a", software])).toEqual([
    "Runs on webgpu: SwiftShader, a software adapter: figures are of a CPU. It is a GPU.",
  ]);
});
