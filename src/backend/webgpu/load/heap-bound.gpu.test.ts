// No file is held whole while it is loaded: what lives on the heap is counted behind a collection, all along a load whose bytes are made as they are asked for.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, it, vi } from "vitest";
import { tensorNames } from "../../../architecture/tensors.js";
import { httpSource } from "../../../format/http-source.js";
import { openFolder, loadFolder } from "../../../runtime/folder.js";
import { fileDevice } from "../../../testing/file-device.js";
import { loadArchitecture } from "./load.js";

const MEBI = 2 ** 20;
/** What a load may hold beside its largest tensor. */
const ALLOWED_BYTES = 64 * MEBI;
const FOLDER = "https://models.example/large/";
const CHUNK_BYTES = 256 * 1024;
const LOOK_EVERY = 32 * MEBI;

const config = {
  model_type: "llama",
  hidden_size: 1024,
  intermediate_size: 2816,
  num_hidden_layers: 5,
  num_attention_heads: 16,
  num_key_value_heads: 16,
  vocab_size: 16_384,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
  hidden_act: "silu",
  torch_dtype: "float32",
};

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that live: of the heap and of array buffers. */
function liveBytes(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

it("a load holds no more of a file than its largest tensor and 64 MiB, however long the file is", async () => {
  const answers = new Map([["config.json", JSON.stringify(config)]]);
  const json = (name: string) => {
    const body = answers.get(name);
    return new Response(body ?? "", { status: body === undefined ? 404 : 200 });
  };
  vi.stubGlobal("fetch", async (url: string | URL) => json(String(url).replace(FOLDER, "")));
  const gpu = await fileDevice();
  const source = httpSource(FOLDER);
  const tensors = tensorNames(await loadArchitecture(source));
  const sizes = tensors.map(({ shape }) => 4 * shape.reduce((product, size) => product * size, 1));
  const largest = Math.max(...sizes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // A file that was held whole would be far over the bound.
  expect(total).toBeGreaterThan(300e6);
  expect(total).toBeGreaterThan(2 * (largest + ALLOWED_BYTES));

  let end = 0;
  const header: Record<string, unknown> = {};
  tensors.forEach(({ name, shape }, i) => {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + sizes[i]] };
    end += sizes[i];
  });
  const text = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(8 + text.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(text.length), true);
  head.set(text, 8);

  let sent = 0;
  let looked = 0;
  let most = 0;
  let before = 0;
  const weights = (begin: number) => {
    let at = begin;
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      if (at >= head.length + total) return controller.close();
      const chunk = at < head.length ? head.slice(at) : new Uint8Array(Math.min(CHUNK_BYTES, head.length + total - at));
      controller.enqueue(chunk);
      at += chunk.length;
      sent += chunk.length;
      if (sent - looked < LOOK_EVERY) return;
      looked = sent;
      most = Math.max(most, liveBytes() - before);
    };
    const headers = { "content-length": String(head.length + total - begin) };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers });
  };
  vi.stubGlobal("fetch", async (url: string | URL) => {
    const name = String(url).replace(FOLDER, "");
    return name === "model.safetensors" ? weights(0) : json(name);
  });
  const folder = await openFolder(source, { context: 64 });
  before = liveBytes();
  const model = await loadFolder(gpu, folder);
  model.dispose();
  expect(sent).toBe(head.length + total);
  expect(most).toBeLessThanOrEqual(largest + ALLOWED_BYTES);
});
