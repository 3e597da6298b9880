// The text of every drafter is autoregressive text, on the GPU: 16 cases a drafter; with `npm run test:identity` the whole
// product of cases, and the fuzzers as well.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withConfig } from "../../testing/with-config.js";
import { fileSource } from "../../format/file-source.js";
import type { TokenId } from "../../vocabulary/events.js";
import { IS_WHOLE } from "../../testing/test-depth.js";
import { loadAdapter } from "../../extension/mask-tokens/load.js";
import { loadHead } from "../../extension/load-head.js";
import { loadArchitecture, loadTransformer } from "../../backend/webgpu/load/load.js";
import { loadModel } from "../../testing/load-model.js";
import { randomAdapter } from "../../testing/random-adapter.js";
import { randomHead } from "../../testing/random-head.js";
import type { Model } from "../../seam/model.js";
import {
  FILTERS,
  fuzzersOf,
  type IdentitySetup,
  lateOnes,
  LENGTHS,
  type PlainText,
  someLengths,
  TEMPERATURES,
  writeDrafted,
  writePlain,
} from "../../testing/identity-cases.js";
import { blockDrafts } from "./drafters/block-diffusion.js";
import { coupledSources } from "./drafters/index.js";
import { promptLookup } from "./drafters/prompt-lookup.js";
import type { DraftSource } from "./drafters/source.js";
import { fileDevice } from "../../testing/file-device.js";

const FOLDER = "public/models/stories260k";
const NUM_TOKENS = IS_WHOLE ? 64 : 32;
/** Of the folder's five, whole: the sample is as true of fewer, and a third faster. */
const TARGET_LAYERS = IS_WHOLE ? 5 : 3;
/** Of the target's: a model of its vocabulary that is often right. */
const DRAFT_LAYERS = IS_WHOLE ? 3 : 2;
const PROMPT = "Tom has a red ball. Sue has a blue ball. Tom has a red ball. Sue has";
const VOCAB_SIZE = 512;

const gpu = await fileDevice();
let models: { target: Model; draft: Model };
let setup: IdentitySetup;
const texts: PlainText[] = [];
let expectedIds: readonly TokenId[] = [];
const FUZZERS = fuzzersOf(() => expectedIds, VOCAB_SIZE);

beforeAll(async () => {
  const files = withConfig(fileSource(FOLDER), { num_hidden_layers: TARGET_LAYERS });
  const { model: target, tokenizer } = await loadModel(gpu, files);
  const fewLayers = withConfig(files, { num_hidden_layers: DRAFT_LAYERS });
  const config = (await files.json("config.json")) as Record<string, unknown>;
  await loadHead(target, randomHead(config, 5).source);
  await loadAdapter(target, randomAdapter(config, 5, { numMasks: 8 }).source);
  models = { target, draft: await loadTransformer(gpu, fewLayers, await loadArchitecture(fewLayers)) };
  setup = {
    models,
    promptIds: tokenizer.promptIds(PROMPT),
    corpus: [],
    numTokens: NUM_TOKENS,
  };
  for (const temperature of TEMPERATURES) {
    for (const filter of FILTERS.keys()) texts.push(await writePlain(setup, temperature, filter));
  }
  // What the target wrote once holds some of what it writes again.
  setup = { ...setup, corpus: texts[0].ids };
});
afterAll(() => {
  models.draft.dispose();
});

async function compare(source: DraftSource) {
  const counts = { cases: 0, proposed: 0, accepted: 0, tokens: 0 };
  for (const [i, plain] of texts.entries()) {
    expectedIds = plain.ids;
    for (const length of IS_WHOLE ? LENGTHS : someLengths(i)) {
      const { completion, metrics } = await writeDrafted(setup, plain, source, length);
      expect(completion, JSON.stringify({ ...plain.common, length })).toEqual(plain.completion);
      counts.cases++;
      for (const key of ["proposed", "accepted", "tokens"] as const) counts[key] += metrics[key];
    }
  }
  return counts;
}

describe("speculative text on the GPU is autoregressive text, id for id and with its log-probabilities", () => {
  it.each([
    ...coupledSources.filter((source) => source !== blockDrafts),
    ...lateOnes([promptLookup]),
    ...(IS_WHOLE ? FUZZERS : []),
  ])("from $name", { timeout: 1_200_000 }, async (source) => {
    const { cases, proposed, accepted, tokens } = await compare(source);
    expect(cases).toBe(IS_WHOLE ? 80 : 16);
    // Texts reach their length, some drafts are accepted and some aren't: else equality would say little.
    expect(tokens).toBeGreaterThan(0.9 * cases * NUM_TOKENS);
    if (source.name !== "always-wrong" && !source.name.startsWith("random")) expect(accepted).toBeGreaterThan(0);
    if (source.name !== "always-right") expect(accepted).toBeLessThan(proposed);
    if (IS_WHOLE)
      console.info(`${source.name}: ${cases} cases, ${tokens} tokens, ${accepted} of ${proposed} drafts accepted`);
  });
});
