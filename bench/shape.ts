import { memorySource } from "../src/format/source.js";
import { spreadOf } from "../src/runtime/spread.js";
import { openNodeDevice } from "../src/backend/webgpu/node/node-gpu.js";
import { generateOnce } from "../src/testing/generate-once.js";
import type { Gpu } from "../src/backend/webgpu/gpu/device.js";
import { say } from "../scripts/setup.mjs";
import { loadArchitecture, loadTransformer } from "../src/backend/webgpu/load/load.js";
import { costInForwards, type ForwardTimes, NUM_KEPT, timeForwards } from "./kernels/forwards.js";
import { bytesOf, workOf } from "./kernels/work.js";
import { randomCheckpoint } from "./kernels/random-checkpoint.js";
import { beginReport, type Report, round, showSpread, table, writeReport } from "./report.js";

/** SmolLM2-135M's `config.json`, as far as it is read; without an end token, which random weights would write. */
const CONFIG = {
  model_type: "llama",
  vocab_size: 49152,
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  head_dim: 64,
  hidden_act: "silu",
  rms_norm_eps: 1e-5,
  rope_theta: 100000,
  max_position_embeddings: 2048,
  tie_word_embeddings: true,
};
const CONTEXT = 512;
const ROW_COUNTS = [1, 2, 4, 8, 16, 32];
const NUM_NEW_TOKENS = 16;
const MEBI = 2 ** 20;

/** How the weights are stored on the device. */
const STORAGES = [
  { name: "f16", weights: undefined },
  { name: "q4", weights: "q4" },
] as const;

/** One storage of the weights, measured. */
export interface ShapeTimes {
  name: string;
  tokensPerSecond: number[];
  forwards: ForwardTimes[];
  /** Weights and activations on the device. */
  modelBytes: number;
  /** All buffers of the device, a session's cache included. */
  deviceBytes: number;
  dispatches: number;
}

/** The file that `shape` writes. */
export interface ShapeReport extends Report {
  storages: ShapeTimes[];
}

async function measure(
  gpu: Gpu,
  source: ReturnType<typeof memorySource>,
  { name, weights }: (typeof STORAGES)[number],
  numRounds: number,
): Promise<ShapeTimes> {
  say(`${name}: loading …`);
  const architecture = await loadArchitecture(source);
  const model = await loadTransformer(gpu, source, architecture, { context: CONTEXT, weights });
  try {
    const options = { max_new_tokens: NUM_NEW_TOKENS, temperature: 0 };
    const promptIds = Array.from({ length: NUM_KEPT }, (_, i) => (i * 7919 + 5) % CONFIG.vocab_size);
    const folder = { source, architecture, tokenizer: null };
    const asked = { decoder: "autoregressive", promptIds, options, gpu, target: model, draft: null, folder };
    const times: ShapeTimes = {
      name,
      tokensPerSecond: [],
      forwards: [],
      modelBytes: model.transformer.arena.ownByteLength,
      deviceBytes: 0,
      dispatches: 0,
    };
    say(`${name}: decoding …`);
    for (let i = 0; i <= numRounds; i++) {
      const { metrics } = await generateOnce(asked, () => {
        times.deviceBytes = Math.max(times.deviceBytes, gpu.arena.byteLength);
      });
      if (i > 0) times.tokensPerSecond.push(metrics.tokensPerSecond);
      times.dispatches = metrics.dispatches / metrics.forwards;
    }
    say(`${name}: forwards …`);
    return { ...times, forwards: await timeForwards(gpu, model, ROW_COUNTS, numRounds) };
  } finally {
    model.dispose();
  }
}

/** `bench shape`: true when everything was measured. */
export async function shape(numRounds: number): Promise<boolean> {
  const report = beginReport("shape", numRounds);
  const probe = memorySource(new Map([["config.json", CONFIG]]), "memory:SmolLM2-135M-shape");
  const architecture = await loadArchitecture(probe);
  say("making random weights …");
  const files = new Map<string, unknown>([
    ["config.json", CONFIG],
    ["model.safetensors", await randomCheckpoint(architecture)],
  ]);
  const source = memorySource(files, probe.url);
  const gpu = await openNodeDevice({});
  const storages: ShapeTimes[] = [];
  // One after the other: on a device with little memory both would not fit.
  for (const storage of STORAGES) storages.push(await measure(gpu, source, storage, numRounds));
  const full: ShapeReport = { ...report, adapter: { ...gpu.facts }, versions: {}, storages };
  const bytesOfWeight = workOf(architecture, 1, { weightBytes: 1, numKept: 0 }).weightBytes;
  const summary = storages.map((storage) => {
    const weightBytes = storage.modelBytes / bytesOfWeight;
    return [
      storage.name,
      showSpread(storage.tokensPerSecond),
      round(storage.dispatches),
      round(storage.modelBytes / MEBI),
      round(storage.deviceBytes / MEBI),
      round(bytesOf(workOf(architecture, 1, { weightBytes, numKept: NUM_KEPT })) / MEBI),
    ];
  });
  const costs = storages.flatMap(({ name, forwards }) => {
    const all = costInForwards(forwards, "all");
    const last = costInForwards(forwards, "last");
    return forwards.map(({ rows, all: us }) => [
      name,
      String(rows),
      showSpread(us.map((value) => value / 1000)),
      showSpread(all.get(rows) ?? []),
      showSpread(last.get(rows) ?? []),
    ]);
  });
  writeReport(full, [
    `SmolLM2-135M's shape with random weights, read from f16; context ${CONTEXT}. A software adapter widens f16 to f32 at`,
    `load. Decoding: greedy, ${NUM_NEW_TOKENS} tokens after ${NUM_KEPT}; one storage after the other.`,
    "",
    ...table(
      ["weights", "tokens/s", "dispatches a token", "model, MiB", "device at most, MiB", "moved per token, MiB"],
      summary,
    ),
    "",
    "Whole forwards; v(M) is the cost of M rows in forwards of one row of the same round.",
    "",
    ...table(["weights", "M", "all logits, ms", "v(M), all logits", "v(M), last logits"], costs),
  ]);
  for (const { name, tokensPerSecond } of storages) {
    console.log(`${name}: ${round(spreadOf(tokensPerSecond).median)} tokens/s`);
  }
  return true;
}
