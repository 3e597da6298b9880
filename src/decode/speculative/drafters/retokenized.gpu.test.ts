// A model with another vocabulary drafts for the embedded autoregressive one: the text is autoregressive text.
import { beforeAll, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { loadModel } from "../../../testing/load-model.js";
import { retokenizerOf } from "../../../tokenizer/retokenize.js";
import { type IdentitySetup, writeDrafted, writePlain } from "../../../testing/identity-cases.js";
import { retokenized } from "./retokenized.js";
import { fileDevice } from "../../../testing/file-device.js";

const NUM_TOKENS = 48;

const gpu = await fileDevice();
let setup: IdentitySetup;

beforeAll(async () => {
  const { model: target, tokenizer } = await loadModel(gpu, fileSource("public/models/story-ar"));
  const { model: draft, tokenizer: other } = await loadModel(gpu, fileSource("public/models/stories260k"));
  expect(draft.capabilities.vocabSize).not.toBe(target.capabilities.vocabSize);
  setup = {
    models: { target, draft },
    retokenizer: retokenizerOf(tokenizer, other),
    promptIds: tokenizer.promptIds("Once upon a time"),
    corpus: [],
    numTokens: NUM_TOKENS,
  };
});

it.each([
  [0, 0, 4],
  [0.5, 3, 2],
  [1, 1, 8],
])("at temperature %d with filter %i and %i drafts", async (temperature, filter, length) => {
  const plain = await writePlain(setup, temperature, filter);
  const { completion, metrics } = await writeDrafted(setup, plain, retokenized, length);
  expect(completion).toEqual(plain.completion);
  expect(metrics.draftForwards).toBeGreaterThan(metrics.forwards);
  // Drafts of another text than the known one would hardly ever be right.
  expect(metrics.accepted).toBeGreaterThan(0.2 * metrics.tokens);
  expect(metrics.accepted).toBeLessThan(metrics.proposed);
});
