import { afterAll, beforeAll, expect, it } from "vitest";
import { fileSource } from "../cli/file-source.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import { loadArchitecture, loadTransformer } from "./load.js";

const source = fileSource("public/models/story-ar");
let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice();
});
afterAll(() => {
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

it("lets timers run while it lays out weights, and an abort then gives all memory back", async () => {
  const architecture = await loadArchitecture(source);
  const before = gpu.arena.byteLength;
  const controller = new AbortController();
  let largest = 0;
  const watch = setInterval(() => {
    largest = Math.max(largest, gpu.arena.byteLength - before);
    // Memory is taken in one go before the first pause.
    if (largest > 0) controller.abort();
  }, 1);
  await expect(loadTransformer(gpu, source, architecture, { signal: controller.signal })).rejects.toThrow(/abort/i);
  clearInterval(watch);
  expect(largest).toBeGreaterThan(20e6);
  expect(gpu.arena.byteLength).toBe(before);
});

it("refuses a context that the model doesn't have, by number", async () => {
  const architecture = await loadArchitecture(source);
  await expect(loadTransformer(gpu, source, architecture, { context: 513 })).rejects.toThrow(/from 1 to 512.*513/);
});
