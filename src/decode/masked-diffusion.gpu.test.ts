import { afterAll, beforeAll, expect, it } from "vitest";
import { fileSource } from "../cli/file-source.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import { loadArchitecture, loadTransformer } from "../model/load.js";
import type { TransformerModel } from "../model/transformer.js";
import { maskedDiffusion } from "./masked-diffusion.js";
import { rehearse, stepsOf } from "./rehearsal.js";

const PROMPT_IDS = [7, 30, 41, 99, 12];

let gpu: Gpu;
let model: TransformerModel;
beforeAll(async () => {
  gpu = await openDevice();
  const source = fileSource("tests/fixtures/models/qwen3");
  const architecture = await loadArchitecture(source);
  // Random weights, read as a masked model's: what is tested is who sees whom, and what is kept.
  const masked = { causal: false, bidirectional: true, inPlace: true, maskToken: 5, eosTokens: [] };
  model = await loadTransformer(gpu, source, { ...architecture, ...masked });
});
afterAll(() => {
  model.dispose();
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

async function write(options: Record<string, unknown>) {
  const target = model.session();
  const { events } = await rehearse({
    decoder: maskedDiffusion,
    models: { target: model },
    target,
    promptIds: PROMPT_IDS,
    options: { max_new_tokens: 20, block_length: 7, commit_rule: "quota", denoising_steps: 3, ...options },
  });
  const { rows } = target.counts;
  target.dispose();
  // Edits carry the log-probabilities.
  return { edits: stepsOf(events).map(({ edits }) => edits), rows };
}

it.each(["prefix", "dual", "delayed"])(
  "masked diffusion with the cache %s: bit for bit as without when refreshed in each step, less work and other text when not",
  async (cache) => {
    const plain = await write({});
    expect((await write({ cache, refresh_interval: 1 })).edits).toEqual(plain.edits);
    const cached = await write({ cache });
    expect(cached.edits[0]).toEqual(plain.edits[0]);
    expect(cached.edits).not.toEqual(plain.edits);
    expect(cached.rows).toBeLessThan(0.9 * plain.rows);
  },
);
