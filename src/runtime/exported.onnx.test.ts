// Folders whose weights are ONNX graphs that Hugging Face's tools exported, from the folder to the text.
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { openOnnx } from "../backend/onnx/node/open-onnx.js";
import { pause } from "../decode/engine/scheduler.js";
import type { ModelSource } from "../format/source.js";
import { exportedFile, exportFolder } from "../testing/export-folder.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent } from "../vocabulary/events.js";
import type { ModelRef } from "./model-ref.js";
import { OnnxBackend } from "./onnx.js";
import { FolderParts } from "./parts.js";
import { Runtime } from "./runtime.js";

const { prompt, ...expected } = JSON.parse(readFileSync("tests/fixtures/exports/expected.json", "utf8"));
const reference = JSON.parse(readFileSync("public/models/stories260k/expected.json", "utf8"));

const fp32 = exportedFile("model.onnx");
const whole = exportFolder({
  "onnx/model.onnx": fp32,
  "onnx/model_quantized.onnx": exportedFile("model_quantized.onnx"),
  "onnx/model_q4f16.onnx": exportedFile("model_q4f16.onnx"),
});

/** Folders by address; a test may add its own. */
const folders = new Map<string, ModelSource>([["whole/", whole]]);
const runtime = new Runtime(
  new FolderParts(
    new OnnxBackend({
      openDevice: () => openOnnx("wasm", pause),
      source: (address) => folders.get(address) as ModelSource,
      needsTokenizer: false,
      device: "wasm",
    }),
  ),
);

async function write(model: ModelRef, decoder: string, options: Record<string, unknown>, draft?: ModelRef) {
  const events: GenerationEvent[] = [];
  const refs = draft ? [model, draft] : [model];
  for (const ref of refs) await runtime.load(ref);
  try {
    const job = { decoder, model, draft, prompt, options: { temperature: 0, max_new_tokens: 24, ...options } };
    const done = await runtime.run(job, (event) => events.push(event), new AbortController().signal);
    const [start] = events;
    if (start.type !== "start") throw new Error("a run begins with start");
    return { done, start };
  } finally {
    for (const ref of refs) runtime.release(ref);
  }
}

const idsOf = ({ done }: { done: DoneEvent }) => done.ids;
afterAll(() => expect(runtime.stats).toMatchObject({ models: 0, gpuBytes: 0 }));

describe.each(["fp32", "q8", "q4f16"])("the file of dtype %s", (dtype) => {
  const ref = { url: "whole/", dtype };

  it("writes what ONNX Runtime's Python package writes with it", async () => {
    expect(idsOf(await write(ref, "autoregressive", {}))).toEqual(expected[dtype]);
  });

  it.each(["prompt-lookup", "suffix"])(
    "and speculatively from %s near the same, which the label says",
    async (drafter) => {
      const { done, start } = await write(ref, "speculative", { drafter, max_new_tokens: 16 });
      expect(done.ids).toEqual(expected[dtype].slice(0, 16));
      expect(start.fidelity).toBe("approximate");
      expect(start.law?.why).toMatch(dtype === "q8" ? /rounded together/ : /last bits/);
    },
  );
});

it("without a dtype is the most exact one, and writes what the float64 reference does", async () => {
  const [{ greedy }] = reference.generations;
  const { ids } = (await write({ url: "whole/" }, "autoregressive", { max_new_tokens: 64 })).done;
  expect(ids.slice(0, 24)).toEqual(expected.fp32);
  const all = [...reference.generations[0].prompt_ids, ...greedy];
  expect(all.slice(0, 5 + ids.length)).toEqual([1, 403, 407, 261, 378, ...ids]);
});

it("drafts for another, and takes drafts", async () => {
  const { done, start } = await write({ url: "whole/" }, "speculative", {}, { url: "whole/", dtype: "q4f16" });
  expect(done.ids).toEqual(expected.fp32);
  expect(done.metrics.accepted).toBeGreaterThan(10);
  expect(start.law?.of).toMatch(/exported\/model\.onnx/);
});

it("says how weights and activations are rounded", async () => {
  const roundedOf = async (dtype: string) =>
    (await write({ url: "whole/", dtype }, "autoregressive", { max_new_tokens: 2 })).start.law?.rounded;
  expect(await roundedOf("fp32")).toEqual([]);
  expect(await roundedOf("q8")).toEqual(["weights rounded to 8 bits", "activations rounded to 8 bits"]);
  expect(await roundedOf("q4f16")).toEqual(["weights rounded to 4 bits"]);
});

it("takes weights q8 for the file that has them so, and refuses both words and a rounding that it lacks", async () => {
  const { done } = await write({ url: "whole/", weights: "q8" }, "autoregressive", { max_new_tokens: 24 });
  expect(done.ids).toEqual(expected.q8);
  await expect(runtime.load({ url: "whole/", weights: "q4" })).rejects.toThrow(/no ONNX file of dtype q4 /);
  await expect(runtime.load({ url: "whole/", weights: "q8", dtype: "q8" })).rejects.toThrow(/give one/);
  await expect(runtime.load({ url: "whole/", weights: "q5" as never })).rejects.toThrow(/weights must be q8 or/);
});

describe("what its inputs don't allow is refused by name", () => {
  it.each([
    [
      "contrastive",
      {},
      /answers parents \(this ONNX graph has no input attention_bias.*states \(this ONNX graph has no output/,
    ],
    ["set-based", {}, /answers segments \(this ONNX graph has no input attention_bias/],
    ["speculative", { drafter: "early-exit" }, /answers early-exit \(this ONNX graph runs with all/],
    ["speculative", { drafter: "recycling" }, /answers parents \(this ONNX graph has no input attention_bias/],
    ["masked-diffusion", {}, /a model that reads the whole canvas/],
    ["block-diffusion", {}, /a model trained on blocks/],
  ])("%s %o", async (decoder, options, message) => {
    await expect(write({ url: "whole/" }, decoder, options)).rejects.toThrow(message);
    const plan = await runtime.plan({
      decoder,
      models: { target: { url: "whole/" } },
      prefer: { model: ["target"] },
      given: {},
      chosen: options,
    });
    expect(plan.refusal?.message).toMatch(message);
  });
});

/** The bytes with the first occurrence of some of them replaced by as many others. */
function replaced(bytes: Uint8Array, found: string, by: string): Uint8Array {
  const at = Buffer.from(bytes).indexOf(found, 0, "latin1");
  expect(at, found).toBeGreaterThan(0);
  const out = bytes.slice();
  out.set(Buffer.from(by, "latin1"), at);
  return out;
}

const config = (change: object) => ({
  "config.json": { ...JSON.parse(readFileSync("public/models/stories260k/config.json", "utf8")), ...change },
});
const MODEL = "onnx/model.onnx";

describe("a folder with a fault is a ModelLoadError that names it, and the next one loads and writes", () => {
  const halves = [fp32.subarray(0, fp32.length >> 1), fp32.subarray(0, fp32.length - 1)];
  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      "cut in the middle",
      { [MODEL]: halves[0] },
      /onnx\/model\.onnx in exported\/ is damaged.*ends after 649420 of at least \d+ bytes.*Load it again/,
    ],
    ["cut by a byte", { [MODEL]: halves[1] }, /is damaged or no ONNX model: it ends/],
    [
      "cut behind its graph",
      { [MODEL]: fp32.subarray(0, Buffer.from(fp32).lastIndexOf("\x42\x02\x10\x0e", undefined, "latin1")) },
      /ends too early/,
    ],
    ["empty", { [MODEL]: new Uint8Array(0) }, /holds no graph/],
    ["zeros", { [MODEL]: new Uint8Array(999) }, /is damaged or no ONNX model/],
    ["a text", { [MODEL]: '{"error": "not found"}' }, /is damaged or no ONNX model/],
    [
      "a pointer of Git LFS",
      { [MODEL]: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n" },
      /pointer of Git LFS/,
    ],
    [
      "of an unknown opset",
      { [MODEL]: replaced(fp32, "\x42\x02\x10\x0e", "\x42\x02\x10\x63") },
      /operators \(ai\.onnx 99\) that this ONNX Runtime doesn't know/,
    ],
    [
      "of an unknown operator",
      { [MODEL]: replaced(fp32, "\x22\x07Softmax", "\x22\x07Softmix") },
      /can't be run by ONNX Runtime on wasm \(.*Softmix.*dtype/,
    ],
    [
      "with an input that nobody has",
      { [MODEL]: replaced(fp32, "\x0a\x0cposition_ids", "\x0a\x0cposition_idz") },
      /can't be run by ONNX Runtime on wasm \(.*position_idz/,
    ],
    [
      "of another vocabulary",
      config({ vocab_size: 600 }),
      /gives 512 logits, but config\.json has a vocab_size of 600/,
    ],
    ["of other layers", config({ num_hidden_layers: 6 }), /of 5 layers, but config\.json has 6/],
    [
      "of other heads",
      config({ num_key_value_heads: 2 }),
      /has 4 heads in past_key_values\.0\.key, but config\.json has 2/,
    ],
    ["that fills masks", config({ model_type: "a2d-qwen3" }), /model_type "a2d-qwen3" isn't supported.*left to right/],
    ["without a vocabulary", config({ vocab_size: undefined }), /vocab_size is missing/],
    ["without a config", { "config.json": null }, /config\.json is missing/],
    ["with a config that isn't JSON", { "config.json": "{" }, /config\.json in exported\/ isn't valid JSON/],
  ])("%s", async (title, files, message) => {
    const url = `${title}/`;
    folders.set(url, exportFolder({ [MODEL]: fp32, ...files }));
    const error: unknown = await runtime.load({ url }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelLoadError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toMatch(/\n|azure|InvariantError/);
    // The folder mended, by the same address.
    folders.set(url, exportFolder({ [MODEL]: fp32 }));
    expect(idsOf(await write({ url }, "autoregressive", { max_new_tokens: 4 }))).toEqual(expected.fp32.slice(0, 4));
  });
});
