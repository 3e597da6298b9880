// Speculative text is autoregressive text, id for id, on ONNX Runtime as on WebGPU: of chains, by sample.
import { beforeAll, expect, it } from "vitest";
import { type FolderModel, onOnnx } from "../testing/folder-model.js";
import { onnxDevice } from "../testing/onnx-device.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { autoregressive } from "./autoregressive/decoder.js";
import type { Decoder } from "./decoder.js";
import { generate } from "./engine/engine.js";
import { speculative } from "./speculative/decoder.js";

const SEEDS = Array.from({ length: IS_WHOLE ? 20 : 3 }, (_, i) => i * 7919 + 1);

const load = onOnnx(await onnxDevice());
let target: FolderModel;
let draft: FolderModel;
beforeAll(async () => {
  target = await load("stories260k", {});
  draft = await load("stories260k", { num_hidden_layers: 3 });
});

async function write(decoder: Decoder, options: Record<string, unknown>) {
  const sessions = { target: target.model.session(), draft: draft.model.session() };
  const done = await generate(
    {
      decoder,
      promptIds: target.tokenizer.promptIds("Once upon a time"),
      tokenizer: target.tokenizer,
      capabilities: target.model.capabilities,
      draftCapabilities: draft.model.capabilities,
      ...sessions,
      options: { max_new_tokens: 48, ...options },
    },
    () => undefined,
  );
  for (const session of Object.values(sessions)) session.dispose();
  return done;
}

it.each([
  { temperature: 0 },
  { temperature: 0.8 },
  { temperature: 1.5, top_p: 0.9 },
  { temperature: 0.8, repetition_penalty: 1.3 },
])("under %o", async (options) => {
  let accepted = 0;
  for (const seed of SEEDS) {
    const plain = await write(autoregressive, { ...options, seed });
    for (const drafter of ["model", "prompt-lookup", "early-exit"]) {
      const fast = await write(speculative, { ...options, seed, drafter });
      expect(fast.ids, drafter).toEqual(plain.ids);
      accepted += fast.metrics.accepted;
    }
  }
  // Else equality would say little.
  expect(accepted).toBeGreaterThan(10 * SEEDS.length);
});
