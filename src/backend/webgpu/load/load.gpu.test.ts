import { expect, it, vi } from "vitest";
import { memorySource, type ModelSource, type Progress } from "../../../format/source.js";
import { loadCheckpoint } from "../../../format/checkpoint.js";
import type { Tensor } from "../../../format/tensor.js";
import { widen } from "../../../format/widen.js";
import { fileSource } from "../../../format/file-source.js";
import { openDevice } from "../gpu/device.js";
import { variantsFor } from "../ops/variants.js";
import { autoregressive } from "../../../decode/autoregressive/decoder.js";
import { generate } from "../../../decode/engine/engine.js";
import { loadArchitecture, loadTransformer } from "./load.js";
import { loadModel } from "../../../testing/load-model.js";
import { fileDevice } from "../../../testing/file-device.js";
import { withConfig } from "../../../testing/with-config.js";
import { writeSafetensors } from "../../../testing/write-safetensors.js";

const source = fileSource("public/models/story-ar");
const gpu = await fileDevice();

it("compiles what a first run needs while it loads, and says where the time went", async () => {
  // A clock that goes by looks at it: between the test's two there is the load's first and last, and all from one to the other counts.
  let numLooks = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => numLooks++);
  const start = performance.now();
  const loaded = await loadModel(gpu, source);
  const elapsed = performance.now() - start;
  clock.mockRestore();
  const { fetchMs, parseMs, tuneMs, uploadMs, compileMs } = loaded.load;
  expect(Math.min(fetchMs, parseMs, uploadMs, compileMs)).toBeGreaterThan(0);
  expect(fetchMs + parseMs + tuneMs + uploadMs + compileMs).toBe(elapsed - 2);
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

it("lets timers run while it lays out weights", async () => {
  const architecture = await loadArchitecture(source);
  let numTimers = 0;
  const watch = setInterval(() => numTimers++, 0);
  // By this clock every tensor takes a second to lay out, on the fastest machine as well.
  let nowMs = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 1000));
  const model = await loadTransformer(gpu, source, architecture);
  clock.mockRestore();
  clearInterval(watch);
  expect(numTimers).toBeGreaterThan(10);
  model.dispose();
});

it.each([0, 0.5, 1])("gives all memory back and closes its file when it is cancelled, %s of it read", async (share) => {
  const architecture = await loadArchitecture(source);
  const before = gpu.arena.byteLength;
  const controller = new AbortController();
  let numOpen = 0;
  const counted: ModelSource = {
    ...source,
    file: async (name, signal) => {
      const file = await source.file(name, signal);
      numOpen++;
      let isOpen = true;
      const close = () => {
        if (isOpen) numOpen--;
        isOpen = false;
        return file.close();
      };
      return { ...file, close };
    },
  };
  let heldBytes = 0;
  const onProgress = ({ loadedBytes, totalBytes }: Progress) => {
    if (loadedBytes < share * Number(totalBytes)) return;
    heldBytes = gpu.arena.byteLength - before;
    controller.abort();
  };
  const load = loadTransformer(gpu, counted, architecture, { signal: controller.signal, onProgress });
  await expect(load).rejects.toThrow(/abort/i);
  // The file's 16-bit weights, or those widened.
  const fileBytes = 10.95e6;
  expect(heldBytes).toBeGreaterThan(0.9 * fileBytes * (variantsFor(gpu.facts).widensF16 ? 2 : 1));
  expect(gpu.arena.byteLength).toBe(before);
  expect(numOpen).toBe(0);
});

it("compiles before the weights are there, and a load that fails then gives all memory back", async () => {
  const own = await openDevice();
  const architecture = await loadArchitecture(source);
  let numCompiled = 0;
  const never: ModelSource = {
    ...source,
    file: async () => {
      numCompiled = own.kernels.pipelineCount;
      throw new Error("the network is gone");
    },
  };
  const attempt = () => expect(loadTransformer(own, never, architecture)).rejects.toThrow("the network is gone");
  await attempt();
  expect(numCompiled).toBeGreaterThan(8);
  // What the device's sessions share stays.
  const { byteLength } = own.arena;
  await attempt();
  expect(own.arena.byteLength).toBe(byteLength);
  own.dispose();
});

it("plans anew where the config names another storage than the file's", async () => {
  const own = await openDevice();
  // Only then is 16-bit storage kept as it is.
  own.facts.isSoftware = false;
  const architecture = await loadArchitecture(source);
  expect(architecture.dtype).toBe("F16");
  const { byteLength } = own.arena;
  const model = await loadTransformer(own, source, { ...architecture, dtype: "F32" });
  expect(model.transformer.embedding[0].format).toBe("f16");
  expect(own.arena.byteLength - byteLength).toBeLessThan(model.transformer.arena.ownByteLength + 4096);
  model.dispose();
  own.dispose();
});

it("refuses a context that the model doesn't have, by number", async () => {
  const architecture = await loadArchitecture(source);
  await expect(loadTransformer(gpu, source, architecture, { context: 513 })).rejects.toThrow(/from 1 to 512.*513/);
});

it("uses an LM head of its own though the config ties it to the embedding, and says so", async () => {
  const folder = fileSource("tests/fixtures/models/llama-tied-rope3");
  const tensors = await loadCheckpoint(folder);
  const embedding = tensors.get("model.embed_tokens.weight") as Tensor;
  const values = widen(embedding);
  const logitsOf = async (head: Float32Array<ArrayBuffer>, tie: boolean) => {
    const all = new Map([...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, values: widen(tensor) }]));
    const file = writeSafetensors(all.set("lm_head.weight", { shape: embedding.shape, values: head }));
    const files = new Map<string, unknown>([
      ["config.json", { ...((await folder.json("config.json")) as object), tie_word_embeddings: tie }],
      ["model.safetensors", file],
    ]);
    const own = memorySource(files);
    const model = await loadTransformer(gpu, own, await loadArchitecture(own));
    const session = model.session();
    const logits = await session.forward({ tokens: [1, 2, 3], attend: "causal", rows: "last", keep: 3 }).logits();
    session.dispose();
    model.dispose();
    return logits;
  };
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const same = await logitsOf(values, true);
  expect(warn).not.toHaveBeenCalled();
  const twice = await logitsOf(
    values.map((value) => 2 * value),
    true,
  );
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("lm_head.weight"));
  warn.mockRestore();
  expect(twice).toEqual(same.map((logit) => 2 * logit));
});

it("takes no memory on the word of a config whose sizes aren't the file's", async () => {
  const made = vi.spyOn(gpu.device, "createBuffer");
  const damaged = withConfig(source, { vocab_size: 3_000_000 });
  const loading = loadTransformer(gpu, damaged, await loadArchitecture(damaged));
  await expect(loading).rejects.toThrow(
    /embed_tokens\.weight has shape \[4096, .*expected \[3000000, .*by config\.json/,
  );
  const mostBytes = made.mock.calls.reduce((most, [{ size }]) => Math.max(most, size), 0);
  made.mockRestore();
  expect(mostBytes).toBeLessThan(1 << 20);
});
