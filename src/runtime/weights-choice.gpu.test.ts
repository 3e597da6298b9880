// What a model takes of a device by class, and what is loaded where that is too much.
import { describe, expect, it } from "vitest";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { variantsFor } from "../backend/webgpu/ops/variants.js";
import type { WebGpuModel } from "../backend/webgpu/session/webgpu-model.js";
import type { WebGpuSession } from "../backend/webgpu/session/webgpu-session.js";
import { fileSource } from "../format/file-source.js";
import type { ModelSource } from "../format/source.js";
import { heldBytes } from "../seam/memory.js";
import { fileDevice } from "../testing/file-device.js";
import { withConfig } from "../testing/with-config.js";
import { OutOfMemoryError } from "../vocabulary/errors.js";
import { openFolder } from "./folder.js";
import { estimateMemory } from "./memory-estimate.js";
import type { ModelRef } from "./model-ref.js";
import { WebGpuBackend } from "./webgpu.js";

const gpu = await fileDevice();
const CONTEXT = 256;
let numFiles = 0;
const folder = withConfig(fileSource("public/models/story-ar"), { num_hidden_layers: 1 });
const source: ModelSource = {
  url: folder.url,
  has: (...args) => folder.has(...args),
  json: (...args) => folder.json(...args),
  bytes: (...args) => folder.bytes(...args),
  file(name, signal) {
    numFiles++;
    return folder.file(name, signal);
  },
};
const backend = new WebGpuBackend({
  openDevice: async () => gpu,
  source: () => source,
  tuning: (device) => Tuning.open(device),
  needsTokenizer: false,
  standIns: false,
});
const load = (how: Partial<ModelRef> = {}) =>
  backend.loadModel(
    gpu,
    () => openFolder(source, { context: CONTEXT }),
    { url: "story", ...how },
    {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      inTurn: (work) => work(async () => undefined),
    },
  );
const { architecture } = await openFolder(source, { context: CONTEXT });
const widensF16 = variantsFor(gpu.facts).widensF16;
/** What is counted of a model with such weights. */
const counted = async (how: Partial<ModelRef>) => {
  const loaded = await load(how);
  loaded.dispose();
  return loaded.memory;
};

describe("memory by class", () => {
  it("is what the device's ledger holds, and near what was estimated before anything was fetched", async () => {
    // The device's own table of lengths is made with its first text.
    await counted({});
    for (const how of [{}, { weights: "q8" }, { weights: "q4", kvCache: "q8" }] as const) {
      const before = gpu.arena.byteLength;
      const loaded = await load(how);
      const model = loaded.model as WebGpuModel;
      const session = model.session() as WebGpuSession;
      const { memory } = model;
      expect(heldBytes(memory)).toBe(gpu.arena.byteLength - before);
      expect(loaded.memory).toEqual(memory);
      const estimate = estimateMemory(architecture, { context: CONTEXT, widensF16, ...how });
      expect(memory.kv).toBe(estimate.kv);
      expect(memory.staging).toBe(estimate.staging);
      expect(Math.abs(memory.weights / estimate.weights - 1)).toBeLessThan(0.01);
      expect(Math.abs(memory.scratch / estimate.scratch - 1)).toBeLessThan(0.1);
      session.dispose();
      loaded.dispose();
    }
  });
});

describe("weights: auto", () => {
  it("are the most exact that fit, and what was tried before is gone", async () => {
    const sizes = [await counted({}), await counted({ weights: "q8" }), await counted({ weights: "q4" })].map(
      heldBytes,
    );
    const before = gpu.arena.byteLength;
    for (const [i, weights] of [null, "q8", "q4"].entries()) {
      const loaded = await load({ weights: "auto", memoryLimit: sizes[i] });
      expect(loaded.weights).toBe(weights);
      expect(loaded.model.capabilities.rounding).toBe(weights);
      expect(heldBytes(loaded.memory)).toBe(sizes[i]);
      loaded.dispose();
      expect(gpu.arena.byteLength).toBe(before);
    }
    expect((await load({ weights: "auto" })).weights).toBeNull();
  });

  it("and any others that don't fit are refused before the weights are fetched, with the next smaller choice", async () => {
    const q8 = heldBytes(await counted({ weights: "q8" }));
    const before = gpu.arena.byteLength;
    numFiles = 0;
    await expect(load({ memoryLimit: q8 })).rejects.toThrow(
      /takes \d+ bytes with a text of 256 tokens, more than memoryLimit \d+\. By its shape it takes \d+ bytes .*; weights "q8" takes \d+\./,
    );
    await expect(load({ weights: "auto", memoryLimit: 1000 })).rejects.toThrow(
      /; context 128 takes|kvCache "q8" takes/,
    );
    await expect(load({ memoryLimit: 1000 })).rejects.toBeInstanceOf(OutOfMemoryError);
    expect(numFiles).toBe(0);
    expect(gpu.arena.byteLength).toBe(before);
  });
});
