import { expect, it } from "vitest";
import type { ModelRef } from "./model-ref.js";
import { onlyWebGpu } from "./webgpu-only.js";

it.each<[Partial<ModelRef>, string | null]>([
  [{}, null],
  [{ weights: "q8" }, null],
  [{ weights: "q8-int8" }, "weights q8-int8"],
  [{ weights: "f16" }, "weights f16"],
  [{ kvCache: "f32" }, null],
  [{ kvCache: "f16" }, "kvCache f16"],
  [{ kvCache: "q8" }, "kvCache q8"],
  [{ debug: true }, "debug"],
  [{ tune: true }, "tune"],
  [{ weights: "auto" }, null],
  [{ memoryLimit: 9 }, "memoryLimit"],
])("of %o WebGPU alone has %s", (how, what) => {
  expect(onlyWebGpu({ url: "a", ...how })).toBe(what);
});
