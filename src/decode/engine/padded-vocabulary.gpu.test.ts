// Two models of one tokenizer, of which either may have more rows in its embedding than there are tokens.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Gpu, openDevice } from "../../backend/webgpu/gpu/device.js";
import type { Architecture } from "../../architecture/architecture.js";
import { tinyModel } from "../../testing/tiny-model.js";
import type { Retokenizer } from "../../tokenizer/retokenize.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { rehearse } from "../../testing/rehearsal.js";
import { speculative } from "../speculative/decoder.js";

const NUM_TOKENS = 5;
const PROMPT = [1, 2];
const retokenizer: Retokenizer = {
  sharesVocabulary: () => true,
  toOther: (ids) => [...ids],
  toOwn: (_ids, _others, more) => [...more],
};
const PADDED = { decoder: speculative, promptIds: PROMPT, retokenizer };

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice();
});
afterAll(() => {
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

/** Rows behind the tokens would win every draw. */
async function padded(seed: number, numRows: number) {
  const causal: Partial<Architecture> = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };
  const shape = { ...causal, vocabSize: numRows, maxLength: 32, numTokens: NUM_TOKENS };
  return tinyModel(gpu, seed, shape, (name, values) => {
    if (name === "lm_head.weight") for (let i = NUM_TOKENS * 12; i < values.length; i++) values[i] *= 40;
  });
}

it.each([
  [5, 133],
  [133, 5],
  [133, 261],
])("a target of %i rows and a draft model of %i write the target's text, of tokens alone", async (rows, draftRows) => {
  const models = { target: await padded(3, rows), draft: await padded(3, draftRows) };
  for (const temperature of [0, 1]) {
    const options = { max_new_tokens: 20, temperature, seed: 5 };
    const plain = await rehearse({ decoder: autoregressive, models, promptIds: PROMPT, options });
    expect(plain.done.ids.every((id) => id < NUM_TOKENS)).toBe(true);
    for (const drafter of ["model", "tree"]) {
      const run = { ...PADDED, models, options: { ...options, drafter } };
      const { done, target, draft } = await rehearse(run);
      expect(done.ids).toEqual(plain.done.ids);
      expect(done.metrics.accepted).toBeGreaterThan(0);
      for (const session of [target, draft]) session?.dispose();
    }
    for (const session of [plain.target, plain.draft]) session?.dispose();
  }
  const judged = { ...PADDED, models, options: { verifier: "block", temperature: 1 } };
  await expect(rehearse(judged)).rejects.toThrow(/verifier block, which compares whole laws/);
  for (const model of Object.values(models)) model.dispose();
});
