// Every example of every decoder's folder writes on a graph that Hugging Face's tools exported, or is refused by name with what the graph lacks.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseExportedConfig } from "../architecture/exported-config.js";
import { exportedCapabilities } from "../backend/onnx/load/load-exported.js";
import type { Model } from "../seam/model.js";
import { CONFORMANCE_CASES, type ConformanceCase } from "../testing/conformance-cases.js";
import { exportedModel } from "../testing/export-folder.js";
import { onnxDevice } from "../testing/onnx-device.js";
import { rehearse, stepsOf } from "../testing/rehearsal.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { Canvas } from "../vocabulary/canvas.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import { planRun } from "./engine/plan.js";

const PROMPT = [1, 403, 407, 261, 378];
const CONFIG = { model_type: "llama", vocab_size: 512, max_position_embeddings: 512, num_hidden_layers: 5 };
const planned = exportedCapabilities(parseExportedConfig(CONFIG, {}));

const asked = ({ options }: ConformanceCase) => ({ temperature: 0.9, seed: 7, ...options, max_new_tokens: 12 });

/** What keeps a case from an exported graph; null: nothing. */
function refusalOf(one: ConformanceCase): string | null {
  try {
    planRun({
      decoder: one.decoder,
      promptIds: PROMPT,
      options: asked(one),
      capabilities: planned,
      draftCapabilities: planned,
    });
    return null;
  } catch (error) {
    if (error instanceof InvalidOptionError) return error.message;
    throw error;
  }
}

const device = await onnxDevice();
const models = {} as { target: Model; draft: Model };
beforeAll(async () => {
  models.target = await exportedModel(device, "model.onnx");
  models.draft = await exportedModel(device, "model_q4f16.onnx");
  // Texts of 12 tokens, whatever they say.
  for (const { capabilities } of Object.values(models)) Object.assign(capabilities, { eosTokens: [] });
});
afterAll(() => {
  for (const model of Object.values(models)) model.dispose();
});

const replayed = (events: readonly GenerationEvent[]) =>
  Canvas.replay(events.flatMap((event) => (event.type === "start" || event.type === "step" ? event.edits : []))).ids();

const causal = CONFORMANCE_CASES.filter((one) => !one.options.infill && one.kind === "causal");
const able = causal.filter((one) => refusalOf(one) === null);

describe.each(able.filter((_, i) => IS_WHOLE || i % 4 === 0))("$name", (one) => {
  it("writes, the same again, and every step by forwards that it counts", async () => {
    const request = { decoder: one.decoder, models, promptIds: PROMPT, options: asked(one) };
    const [first, again] = [await rehearse(request), await rehearse(request)];
    expect(again.done.ids).toEqual(first.done.ids);
    expect(replayed(first.events)).toEqual(first.canvas.ids());
    expect(first.done.ids).toHaveLength(12);
    const steps = stepsOf(first.events);
    expect(first.done.metrics.forwards).toBe(steps.reduce((sum, { forwards }) => sum + forwards, 0));
    for (const { target, draft } of [first, again]) {
      target.dispose();
      draft?.dispose();
    }
  });
});

it("all others are refused with what the graph lacks, or what it wasn't loaded with", () => {
  const refused = causal.filter((one) => !able.includes(one));
  expect(able.length).toBeGreaterThan(15);
  expect(refused.length).toBeGreaterThan(5);
  for (const one of refused)
    expect(refusalOf(one), one.name).toMatch(/this ONNX graph |load\(url, \{ (head|adapter) \}\)/);
});
