// What families with norms of their own cost and refuse; that they compute what transformers does is for goldens.gpu.test.ts.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Session } from "../../../seam/session.js";
import { earlyExit } from "../../../extension/early-exit/key.js";
import { fileSource } from "../../../format/file-source.js";
import { loraSource } from "../../../format/lora-source.js";
import { memorySource } from "../../../format/source.js";
import { randomHead } from "../../../testing/random-head.js";
import { InvalidOptionError, ModelLoadError } from "../../../vocabulary/errors.js";
import type { WebGpuModel } from "../session/webgpu-model.js";
import { loadArchitecture, loadTransformer } from "./load.js";
import { fileDevice } from "../../../testing/file-device.js";

const folderOf = (name: string) => fileSource(`tests/fixtures/models/${name}`);
const gpu = await fileDevice();

async function load(name: string, options: { context?: number } = {}): Promise<WebGpuModel> {
  const source = folderOf(name);
  return loadTransformer(gpu, source, await loadArchitecture(source), options);
}

it.each([
  ["qwen2", 5],
  ["mistral", 5],
  ["smollm3", 5],
  ["gemma3_text", 7],
  ["gpt2", 7],
  ["gpt_neox", 7],
  ["phi3", 5],
  ["olmo2", 7],
  ["gemma2", 7],
])("a layer of %s is %i dispatches", async (name, expected) => {
  const model = await load(name);
  const session = model.session();
  const dispatchesOf = (one: Session) => {
    const before = one.counts.dispatches;
    one.forward({ tokens: [5], attend: "causal", keep: 0 });
    return one.counts.dispatches - before;
  };
  const numMore = model.capabilities.numLayers - 1;
  expect(dispatchesOf(session) - dispatchesOf(session.beside(earlyExit(1)))).toBe(numMore * expected);
  session.dispose();
  model.dispose();
});

describe("a table of learned positions", () => {
  it("bounds the context", async () => {
    const tooLong = load("gpt2", { context: 81 });
    await expect(tooLong).rejects.toThrow(InvalidOptionError);
    await expect(tooLong).rejects.toThrow(/context must be an integer from 1 to 80 for this model, got 81/);
  });

  it("refuses what lies beyond it before anything is enqueued", async () => {
    const model = await load("gpt2");
    const session = model.session();
    const text = Array.from({ length: 81 }, (_, i) => i + 3);
    const before = { ...session.counts };
    const whole = () => session.forward({ tokens: text, attend: "causal", keep: 81 });
    expect(whole).toThrow(/0 kept and 81 new tokens don't fit the context of 80/);
    const placed = (position: number) => () =>
      session.forward({ tokens: [5, 6], positions: [0, position], attend: "causal", keep: 0 });
    expect(placed(80)).toThrow(/Position 80 is beyond this model's table of 80 learned positions/);
    expect(session.counts).toEqual(before);
    expect(placed(79)).not.toThrow();
    const rows = session.forward({ tokens: text.slice(0, 80), attend: "causal", rows: "last", keep: 80 });
    expect((await rows.logits()).every(Number.isFinite)).toBe(true);
    session.dispose();
    model.dispose();
  });
});

it("a LoRA adapter is in the weights that go to the device", async () => {
  const folder = "tests/fixtures/loras/gpt2-conv1d";
  const { input_ids: tokens, logits_causal, tolerance } = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8"));
  const source = loraSource(folderOf("gpt2"), fileSource(folder));
  const model = await loadTransformer(gpu, source, await loadArchitecture(source));
  const session = model.session();
  const rows = tokens.map((_: number, i: number) => i).slice(-4);
  const logits = await session.forward({ tokens, attend: "causal", rows, keep: 0 }).logits();
  for (const [i, value] of logits_causal.flat().entries()) expect(Math.abs(logits[i] - value)).toBeLessThan(tolerance);
  session.dispose();
  model.dispose();
});

describe("heads and adapters", () => {
  const config = JSON.parse(readFileSync("public/models/stories260k/config.json", "utf8"));

  it.each([
    ["gemma3_text", /"gemma3_text" can't be loaded with a head: its embeddings are scaled/],
    ["gpt2", /"gpt2" can't be loaded with a head: its embeddings are added to learned positions/],
  ])("are refused for %s, whose embeddings are more than a table", async (name, message) => {
    const source = folderOf(name);
    const head = randomHead(config, 1).source;
    const loading = loadTransformer(gpu, source, await loadArchitecture(source), { head });
    await expect(loading).rejects.toThrow(ModelLoadError);
    await expect(loading).rejects.toThrow(message);
  });

  it("have layers like Llama's", async () => {
    const source = fileSource("public/models/stories260k");
    const other = JSON.parse(readFileSync("tests/fixtures/models/gpt_neox/config.json", "utf8"));
    const head = memorySource(new Map([["config.json", other]]));
    const loading = loadTransformer(gpu, source, await loadArchitecture(source), { head });
    await expect(loading).rejects.toThrow(/head's config.json: model_type "gpt_neox" isn't supported/);
  });
});
