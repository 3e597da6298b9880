// One model on both backends writes the same greedy text: logits differ by a millionth or so, which decides between no two tokens here.
import { expect, it } from "vitest";
import { fileDevice } from "../testing/file-device.js";
import { type FolderModel, onGpu, onOnnx } from "../testing/folder-model.js";
import { onnxDevice } from "../testing/onnx-device.js";
import { autoregressive } from "./autoregressive/decoder.js";
import { blockDiffusion } from "./block-diffusion/decoder.js";
import type { Decoder } from "./decoder.js";
import { generate } from "./engine/engine.js";
import { speculative } from "./speculative/decoder.js";

const PROMPTS = ["Once upon a time", "The little fox", "One day Tom and his dog"];
const backends = [onGpu(await fileDevice()), onOnnx(await onnxDevice())];

async function write(target: FolderModel, draft: FolderModel | null, decoder: Decoder, prompt: string) {
  const sessions = { target: target.model.session(), draft: draft?.model.session() };
  const done = await generate(
    {
      decoder,
      promptIds: target.tokenizer.promptIds(prompt),
      tokenizer: target.tokenizer,
      capabilities: target.model.capabilities,
      draftCapabilities: draft?.model.capabilities,
      ...sessions,
      options: { max_new_tokens: 48, temperature: 0 },
    },
    () => undefined,
  );
  sessions.target.dispose();
  sessions.draft?.dispose();
  return done.ids;
}

const CASES: { decoder: Decoder; name: string; draftName: string | null }[] = [
  { decoder: autoregressive, name: "story-ar", draftName: null },
  { decoder: speculative, name: "story-ar", draftName: "story-draft" },
  { decoder: blockDiffusion, name: "story-diffusion", draftName: null },
];

it.each(CASES)("$decoder.name on $name", async ({ decoder, name, draftName }) => {
  const pairs = await Promise.all(
    backends.map(async (load) => ({
      target: await load(name, {}),
      draft: draftName === null ? null : await load(draftName, {}),
    })),
  );
  for (const prompt of PROMPTS) {
    const [gpu, onnx] = await Promise.all(pairs.map(({ target, draft }) => write(target, draft, decoder, prompt)));
    expect(onnx, `${decoder.name}: ${prompt}`).toEqual(gpu);
  }
  for (const { target, draft } of pairs) {
    target.model.dispose();
    draft?.model.dispose();
  }
});
