// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { modelRef } from "../worker/client.js";
import { UNMEASURED } from "./fastest.js";
import { FastestHere } from "./fastest-here.js";
import { Pane } from "./pane.js";

const MEASURED_HERE = { options: { drafter: "model" }, byModel: 1.2 };
vi.mock("./fastest.js", async (original) => ({
  ...(await original<object>()),
  findFastest: async (_model: object, _draft: object, { aborted }: AbortSignal) => (aborted ? null : MEASURED_HERE),
}));

it("what was measured is forgotten with its models or their device, and a choice of a person's stays", async () => {
  const host = { requestUpdate() {}, onPaneEvent() {}, onPaneError() {} };
  const [pane, own] = ["speculative", "speculative"].map((name) => new Pane(name, name, name, host));
  const here = new FastestHere(() => [pane, own]);
  for (const one of [pane, own]) here.startIn(one);
  own.choose("speculative", { drafter: "eagle" });
  expect([pane, own].map((one) => here.isIn(one))).toEqual([true, false]);
  const on = (device: string) => ({
    target: modelRef("https://a.example/a", { device }),
    draft: modelRef("https://a.example/b", { device }),
    diffusion: modelRef("https://a.example/c", { device }),
  });
  const { target, draft } = on("webgpu");
  const { signal } = new AbortController();
  expect(await here.measure([target, draft], AbortSignal.abort())).toBe(false);
  expect(here.isToMeasure([target, draft])).toBe(true);
  expect(await here.measure([target, draft], signal)).toBe(true);
  expect([here.isToMeasure([target, draft]), here.isToMeasure([target])]).toEqual([false, false]);
  here.keepOnly(on("webgpu"));
  expect(here.fastest).toBe(MEASURED_HERE);
  here.keepOnly(on("wasm"));
  expect(here.fastest).toBe(UNMEASURED);
  expect(here.isToMeasure([target, draft])).toBe(true);
  expect(pane.chosenOf("speculative")).toBe(UNMEASURED.options);
  expect(own.chosenOf("speculative")).toEqual({ drafter: "eagle" });
});
