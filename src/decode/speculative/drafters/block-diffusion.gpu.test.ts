// The embedded diffusion model drafts for an embedded autoregressive one: the text is autoregressive text. The small one, for
// there are many cases; `npm run test:identity` takes the large one.
import { beforeAll, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { IS_WHOLE } from "../../../testing/test-depth.js";
import { loadModel } from "../../../testing/load-model.js";
import type { Model } from "../../../seam/model.js";
import { autoregressive } from "../../autoregressive/decoder.js";
import { rehearse } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";
import { blockDrafts } from "./block-diffusion.js";
import {
  FILTERS,
  type IdentitySetup,
  LENGTHS,
  someLengths,
  TEMPERATURES,
  writeDrafted,
  writePlain,
} from "../../../testing/identity-cases.js";
import { fileDevice } from "../../../testing/file-device.js";

const NUM_TOKENS = IS_WHOLE ? 64 : 32;

const gpu = await fileDevice();
let draft: Model;
let setup: IdentitySetup;

beforeAll(async () => {
  const { model: target, tokenizer } = await loadModel(
    gpu,
    fileSource(`public/models/${IS_WHOLE ? "story-ar" : "story-draft"}`),
  );
  ({ model: draft } = await loadModel(gpu, fileSource("public/models/story-diffusion")));
  setup = {
    models: { target, draft },
    promptIds: tokenizer.promptIds("Once upon a time there was a little girl named Lily."),
    corpus: [],
    numTokens: NUM_TOKENS,
  };
});

it("is autoregressive text, id for id and with its log-probabilities", { timeout: 1_200_000 }, async () => {
  const counts = { cases: 0, proposed: 0, accepted: 0, tokens: 0 };
  // Every third text has each filter and each length.
  for (let i = 0; i < TEMPERATURES.length * FILTERS.length; i += IS_WHOLE ? 1 : 3) {
    const plain = await writePlain(setup, TEMPERATURES[Math.floor(i / FILTERS.length)], i % FILTERS.length);
    for (const length of IS_WHOLE ? LENGTHS : someLengths(i)) {
      const { completion, metrics } = await writeDrafted(setup, plain, blockDrafts, length);
      expect(completion, JSON.stringify({ ...plain.common, length })).toEqual(plain.completion);
      counts.cases++;
      for (const key of ["proposed", "accepted", "tokens"] as const) counts[key] += metrics[key];
    }
  }
  expect(counts.cases).toBe(IS_WHOLE ? 80 : 6);
  expect(counts.tokens).toBeGreaterThan(0.8 * counts.cases * NUM_TOKENS);
  // A first draft follows the text; the model was trained for that. Of drafts that aren't, one in V would be right.
  expect(counts.accepted).toBeGreaterThan(0.1 * counts.proposed);
  expect(counts.accepted).toBeLessThan(counts.proposed);
  console.info(`block-diffusion: ${JSON.stringify(counts)}`);
});

it("is kept by the product of both models: all of it, if only the diffusion model is asked, else more the more it is", {
  timeout: 600_000,
}, async () => {
  const { models, promptIds } = setup;
  const write = async (diffusion_share: number) => {
    const product = { drafter: "block-diffusion", verifier: "product", diffusion_share };
    const options = { ...product, num_assistant_tokens: 4, max_new_tokens: 40, temperature: 0.8, seed: 3 };
    const { done } = await rehearse({ models, promptIds, decoder: speculative, options });
    return done;
  };
  const plain = { max_new_tokens: 40, temperature: 0.8, seed: 3 };
  const text = await rehearse({ models, promptIds, decoder: autoregressive, options: plain });
  const [none, some, all] = [await write(0), await write(0.7), await write(1)];
  expect(none.ids).toEqual(text.done.ids);
  const shareOf = ({ metrics }: typeof none) => metrics.accepted / metrics.proposed;
  expect(shareOf(some)).toBeGreaterThan(shareOf(none));
  expect(shareOf(all)).toBe(1);
});

it("is mixed row by row: logits of both, weighed", async () => {
  const { target, draft: diffusion } = setup.models;
  const [own, other] = [target.session(), diffusion.session()];
  const mask = diffusion.capabilities.maskToken ?? 0;
  const tokens = [0, 9, 30, 21];
  const masks = { tokens: [...tokens.slice(0, 2), mask, mask], attend: { block: 4 }, rows: [2, 3], keep: 0 } as const;
  const causal = () => own.forward({ tokens, attend: "causal", rows: [1, 2, 3], keep: 0 });
  const filled = other.forward(masks);
  const [a, b] = [await causal().logits(), await filled.logits()];
  const rows = causal();
  rows.blend(filled, 0.25);
  const mixed = await rows.logits();
  const scale = Math.max(...a.map(Math.abs), ...b.map(Math.abs));
  const expected = a.map((logit, i) => (i < b.length ? 0.75 * logit + 0.25 * b[i] : logit));
  expect(mixed.findIndex((logit, i) => Math.abs(logit - expected[i]) > 1e-6 * scale)).toBe(-1);
  expect(() => rows.blend(rows, 0.5)).toThrow(/another session/);
  expect(() => filled.blend(rows, 0.5)).toThrow(/3 rows are mixed into 2/);
  other.forward(masks);
  expect(() => rows.blend(filled, 0.5)).toThrow(/died at the session's next forward/);
  own.dispose();
  other.dispose();
});
