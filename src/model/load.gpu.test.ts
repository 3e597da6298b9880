import { afterAll, beforeAll, expect, it } from "vitest";
import { fileSource } from "../cli/file-source.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import { autoregressive } from "../decode/autoregressive.js";
import { generate } from "../decode/engine.js";
import { loadArchitecture, loadModel, loadTransformer } from "./load.js";

const source = fileSource("public/models/story-ar");
let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice();
});
afterAll(() => {
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

it("compiles what a first run needs while it loads, and says where the time went", async () => {
  const startMs = performance.now();
  const loaded = await loadModel(gpu, source);
  const elapsedMs = performance.now() - startMs;
  const { fetchMs, parseMs, uploadMs, compileMs } = loaded.load;
  expect(Math.min(fetchMs, parseMs, uploadMs)).toBeGreaterThan(0);
  expect(fetchMs + parseMs + uploadMs + compileMs).toBeLessThanOrEqual(elapsedMs);
  expect(fetchMs + parseMs + uploadMs + compileMs).toBeGreaterThan(elapsedMs * 0.95);
  const session = loaded.model.session();
  const { stallCount } = gpu.kernels;
  await generate(
    {
      decoder: autoregressive,
      promptIds: Array.from({ length: 20 }, (_, i) => i + 300),
      target: session,
      capabilities: loaded.model.capabilities,
      options: { max_new_tokens: 4 },
      tokenizer: loaded.tokenizer,
    },
    () => {},
  );
  expect(gpu.kernels.stallCount).toBe(stallCount);
  session.dispose();
  loaded.dispose();
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
