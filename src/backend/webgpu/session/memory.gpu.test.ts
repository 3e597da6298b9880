// Memory that the device hasn't: the run that asked for it ends with an error, and the device goes on.
import type { WebGpuSession } from "./webgpu-session.js";
import { withLimits } from "../../../testing/with-limits.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { autoregressive } from "../../../decode/autoregressive/decoder.js";
import { rehearse } from "../../../testing/rehearsal.js";
import { speculative } from "../../../decode/speculative/decoder.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import type { Architecture } from "../../../architecture/architecture.js";
import { tensorNames } from "../../../architecture/tensors.js";
import { Transformer } from "../plan/transformer.js";
import type { WebGpuModel } from "./webgpu-model.js";
import { TINY_LAYER, tinyModel } from "../../../testing/tiny-model.js";
import { withinMemory } from "../plan/within-memory.js";

const CAUSAL: Partial<Architecture> = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };

let gpu: Gpu;
let model: WebGpuModel;
beforeAll(async () => {
  gpu = await openDevice();
  model = await tinyModel(gpu, 3, CAUSAL);
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

/** One more buffer of this label is refused, as SwiftShader refuses what is as large as it allows at all. */
function refuseOnce(label: string): void {
  const create = gpu.device.createBuffer;
  gpu.device.createBuffer = (descriptor) => {
    if (descriptor.label !== label) return create.call(gpu.device, descriptor);
    gpu.device.createBuffer = create;
    return create.call(gpu.device, { ...descriptor, size: gpu.device.limits.maxBufferSize });
  };
}

const write = (options: Record<string, unknown> = {}, subject = model) =>
  rehearse({
    decoder: autoregressive,
    models: { target: subject },
    promptIds: [1, 2],
    options: { max_new_tokens: 6, ...options },
  });
const SHORT = expect.objectContaining({ code: "out_of_memory" });

describe("a device that runs short", () => {
  it("as a sequence is made fails that run alone", async () => {
    const { done, target } = await write();
    target.dispose();
    const before = gpu.arena.byteLength;
    refuseOnce("keys");
    const session = model.session();
    await expect(
      rehearse({ decoder: autoregressive, models: { target: model }, target: session, promptIds: [1, 2] }),
    ).rejects.toEqual(SHORT);
    session.dispose();
    expect(gpu.arena.byteLength).toBe(before);
    const again = await write();
    expect(again.done.ids).toEqual(done.ids);
    again.target.dispose();
    expect(gpu.uncaptured).toEqual([]);
  });

  it("in the middle of a run fails what was recorded, and the next run works", async () => {
    const penalised = { repetition_penalty: 1.3 };
    const sound = await write(penalised);
    const kept = model.session();
    await kept.settle();
    refuseOnce("history");
    await expect(write(penalised)).rejects.toEqual(SHORT);
    expect(() => kept.forward({ tokens: [1], attend: "causal", keep: 1 })).toThrow(SHORT);
    const again = await write(penalised);
    expect(again.done.ids).toEqual(sound.done.ids);
    for (const session of [sound.target, again.target, kept]) session.dispose();
    expect(gpu.queue.shortage).toBeNull();
  });

  it("as a model is loaded leaves nothing behind, and so does one that can't be by the device's limits", async () => {
    const before = [gpu.arena.byteLength, gpu.arena.bufferCount];
    refuseOnce("lm head");
    await expect(tinyModelWithin()).rejects.toEqual(SHORT);
    expect([gpu.arena.byteLength, gpu.arena.bufferCount]).toEqual(before);
    await withLimits(gpu, { maxStorageBufferBindingSize: 1000 }, () =>
      expect(tinyModelWithin()).rejects.toThrow(
        /needs \d+ bytes; this device allows maxStorageBufferBindingSize 1000\./,
      ),
    );
    expect([gpu.arena.byteLength, gpu.arena.bufferCount]).toEqual(before);
  });
});

async function tinyModelWithin(change: Partial<Architecture> = {}) {
  let failure: unknown = null;
  const made = await withinMemory(gpu, "tiny", () => {
    const { architecture, capabilities } = model.transformer;
    const shape = { ...architecture, ...change };
    const plan = (name: string) => ({ name, dtype: "F32" as const, shape: shapes.get(name) ?? [] });
    const shapes = new Map(tensorNames(shape).map((spec) => [spec.name, spec.shape]));
    return new Transformer(gpu, "tiny", shape, capabilities, plan, (name) => shapes.has(name));
  }).catch((error: unknown) => {
    failure = error;
  });
  if (failure) throw failure;
  made?.dispose();
}

it("keeps keys and values of more bytes than a kernel may see, since it sees a layer of them or some", async () => {
  const shape = { numKeyValueHeads: 2, maxLength: 256, layers: new Array(8).fill(TINY_LAYER) };
  // Seven layers of 16,384 bytes at a time, then one.
  const maxStorageBufferBindingSize = 120_000;
  await withLimits(gpu, { maxStorageBufferBindingSize }, async () => {
    const subject = await tinyModel(gpu, 3, { ...CAUSAL, ...shape });
    const options = { max_new_tokens: 6, temperature: 1, seed: 3 };
    const plain = await write(options, subject);
    const tree = await rehearse({
      decoder: speculative,
      models: { target: subject, draft: subject },
      promptIds: [1, 2],
      options: { ...options, drafter: "tree", num_assistant_tokens: 5 },
    });
    expect((tree.target as WebGpuSession).sequence.keys.size).toBeGreaterThan(maxStorageBufferBindingSize);
    expect(tree.done.ids).toEqual(plain.done.ids);
    expect(tree.done.metrics.accepted).toBeGreaterThan(1);
    for (const session of [plain.target, tree.target, tree.draft]) session?.dispose();
    subject.dispose();
  });
});
