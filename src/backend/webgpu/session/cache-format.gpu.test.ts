// Keys and values in fewer bits: what they take, what they cost, and that what moves them moves them whole.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { ARGMAX } from "../../../seam/questions/sample.js";
import type { CacheFormat } from "../../../seam/cache-format.js";
import { fileDevice } from "../../../testing/file-device.js";
import { perplexity, unseenIds } from "../../../testing/perplexity.js";
import { tinyModel } from "../../../testing/tiny-model.js";
import { loadArchitecture, loadFolderTokenizer, loadTransformer } from "../load/load.js";
import type { WebGpuModel } from "./webgpu-model.js";
import type { WebGpuSession } from "./webgpu-session.js";

const source = fileSource("public/models/story-ar");
const [NUM_HEADS, HEAD_DIM, NUM_LAYERS, CONTEXT] = [4, 32, 6, 256];
/** Bytes of a key or value of one head. */
const HEAD_BYTES = { f32: HEAD_DIM * 4, f16: HEAD_DIM * 2, q8: HEAD_DIM + 4 };
const ROUNDED = ["f16", "q8"] as const;

const gpu = await fileDevice();
let model: WebGpuModel;
beforeAll(async () => {
  model = await loadTransformer(gpu, source, await loadArchitecture(source), { context: CONTEXT, kvCache: "q8" });
});
afterAll(() => model.dispose());

/** A sequence whose keys and values are kept in this format: which one is asked as it is made. */
function session(cache: CacheFormat, subject = model): WebGpuSession {
  subject.capabilities.kvCache = cache;
  return subject.session() as WebGpuSession;
}
const words = (logits: Float32Array) => new Uint32Array(logits.buffer);

it("the load's option is what the model's sequences keep", () => {
  expect(model.capabilities.kvCache).toBe("q8");
});

describe.each(ROUNDED)("a cache in %s", (cache) => {
  it("takes the bytes of its bits, and leaves the rest of a sequence as it is", () => {
    const [whole, rounded] = [session("f32"), session(cache)];
    const saved = 2 * NUM_LAYERS * CONTEXT * NUM_HEADS * (HEAD_BYTES.f32 - HEAD_BYTES[cache]);
    expect(rounded.sequence.keys.size).toBe(NUM_LAYERS * CONTEXT * NUM_HEADS * HEAD_BYTES[cache]);
    expect(whole.sequence.arena.ownByteLength - rounded.sequence.arena.ownByteLength).toBe(saved);
    for (const each of [whole, rounded]) each.dispose();
  });

  it("is copied whole to a fork, and takes no dispatch more", async () => {
    const [plain, first] = [session("f32"), session(cache)];
    const ids = [5, 9, 33, 801, 17, 300];
    const request = { tokens: ids, attend: "causal", rows: [], keep: ids.length } as const;
    plain.forward(request);
    first.forward(request);
    expect(first.counts.dispatches).toBe(plain.counts.dispatches);
    const second = first.fork() as WebGpuSession;
    const next = { tokens: [44, 2], attend: "causal", rows: "all", keep: 2 } as const;
    const [expected, actual] = [await first.forward(next).logits(), await second.forward(next).logits()];
    expect(words(actual)).toEqual(words(expected));
    for (const each of [plain, first, second]) each.dispose();
  });

  it("keeps what isn't finite so, and it is told", async () => {
    for (const spoiled of ["k_proj", "v_proj"])
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const bad = await tinyModel(gpu, 3, {}, (name, values) => {
          if (name.includes(spoiled)) values[1] = value;
        });
        const own = session(cache, bad);
        const rows = own.forward({ tokens: [1, 2, 3], attend: "causal", rows: "last", keep: 3 });
        await expect(rows.ask(ARGMAX).read(), `${spoiled} ${value}`).rejects.toMatchObject({ code: "not_finite" });
        own.dispose();
        bad.dispose();
      }
  });
});

it("perplexity in f16 is within 0.2 % of f32's, in q8 within 1 %", async () => {
  const ids = unseenIds(await loadFolderTokenizer(source, model.transformer.architecture), 128);
  const of = async (cache: CacheFormat) => {
    const own = session(cache);
    const found = await perplexity(own, ids);
    own.dispose();
    return found;
  };
  const [f32, f16, q8] = [await of("f32"), await of("f16"), await of("q8")];
  const loss = (found: number) => Math.abs(found / f32 - 1);
  expect(loss(f16)).toBeLessThan(0.002);
  expect(loss(q8)).toBeLessThan(0.01);
  expect(Math.min(loss(f16), loss(q8)), "numbers must be rounded").toBeGreaterThan(0);
});

it("a cache that there isn't is refused by name", async () => {
  const kvCache = "q4" as CacheFormat;
  const loading = loadTransformer(gpu, source, model.transformer.architecture, { kvCache });
  await expect(loading).rejects.toThrow("kvCache must be f32 or f16 or q8; got q4");
});
