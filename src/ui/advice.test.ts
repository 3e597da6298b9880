import { expect, it } from "vitest";
import { adviceFor, isSaid, NO_DEVICE, plainWords } from "./advice.js";

it("a device that was asked for by name is named, and another is advised; a browser's settings are for WebGPU alone", () => {
  const auto = "Choose the device “auto”: it takes any that works.";
  for (const device of ["webnn", "onnx-webgpu", "wasm"]) {
    expect(adviceFor(NO_DEVICE, device)).toEqual([auto]);
    expect(plainWords(NO_DEVICE, device)).toContain(`(${device})`);
    expect(isSaid(NO_DEVICE, device)).toBe(true);
  }
  expect(adviceFor(NO_DEVICE, "webgpu")).toEqual([auto, ...adviceFor(NO_DEVICE)]);
  expect(adviceFor(NO_DEVICE).join()).not.toContain(auto);
  expect([isSaid(NO_DEVICE, "webgpu"), isSaid(NO_DEVICE, "auto"), isSaid("model_load", "webnn")]).toEqual([
    false,
    false,
    false,
  ]);
  expect(adviceFor("worker_failed", "webnn")).toEqual(adviceFor("worker_failed"));
});
