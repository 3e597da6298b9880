import { expect, it, vi } from "vitest";

it("what is known of blocks is known to every copy of the module, as in a page's bundle of ONNX Runtime", async () => {
  const one = await import("./block-formats.js");
  vi.resetModules();
  const other = await import("./block-formats.js");
  expect(other.setBlockFormats).not.toBe(one.setBlockFormats);
  const before = one.blockFormats();
  const known = { widen: () => new Float32Array(0), storage: () => null, codes: () => ({}) as never };
  one.setBlockFormats(known);
  expect(other.blockFormats()).toBe(known);
  if (before) one.setBlockFormats(before);
  else Reflect.deleteProperty(globalThis, Symbol.for("triptych-lm/block-formats/1"));
});
