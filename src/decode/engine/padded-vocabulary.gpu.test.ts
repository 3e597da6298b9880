// Two models of one tokenizer, of which either may have more rows in its embedding than there are tokens.
import { expect, it } from "vitest";
import type { Architecture } from "../../architecture/architecture.js";
import { tinyModel } from "../../testing/tiny-model.js";
import type { Retokenizer } from "../../tokenizer/retokenize.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { rehearse } from "../../testing/rehearsal.js";
import { speculative } from "../speculative/decoder.js";
import { fileDevice } from "../../testing/file-device.js";

const NUM_TOKENS = 5;
const CAUSAL: Partial<Architecture> = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };
const PROMPT = [1, 2];
const retokenizer: Retokenizer = {
  difference: () => null,
  toOther: (ids) => [...ids],
  toOwn: (_ids, _others, more) => [...more],
};
const PADDED = { decoder: speculative, promptIds: PROMPT, retokenizer };

const gpu = await fileDevice();

/** Rows behind the tokens would win every draw. */
async function padded(seed: number, numRows: number, change: Partial<Architecture> = CAUSAL) {
  const shape = { vocabSize: numRows, maxLength: 32, numTokens: NUM_TOKENS, ...change };
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
  for (const model of Object.values(models)) model.dispose();
});

const JUDGED: Record<string, unknown>[] = [
  { verifier: "rejection" },
  { verifier: "block" },
  { verifier: "typical" },
  { verifier: "bild", temperature: 0 },
  { drafter: "chains", verifier: "kseq", num_draft_chains: 3, num_assistant_tokens: 2 },
  { drafter: "chains", verifier: "recursive", num_draft_chains: 3, num_assistant_tokens: 2 },
  { drafter: "chains", verifier: "recursive", first_drafts: "distinct", num_draft_chains: 3, num_assistant_tokens: 2 },
  { drafter: "block-diffusion", draft_block_length: 4, num_assistant_tokens: 3 },
  { drafter: "block-diffusion", verifier: "product", draft_block_length: 4, num_assistant_tokens: 3 },
];

it("all verifiers write what they write without padding", async () => {
  const sizes = [
    [NUM_TOKENS, NUM_TOKENS],
    [NUM_TOKENS, 133],
    [133, NUM_TOKENS],
    [133, 261],
  ];
  const texts = new Map<string, number[][]>();
  for (const [rows, draftRows] of sizes) {
    const target = await padded(3, rows);
    const drafts = { causal: await padded(4, draftRows), blocks: await padded(4, draftRows, {}) };
    for (const own of JUDGED) {
      const draft = drafts[own.drafter === "block-diffusion" ? "blocks" : "causal"];
      const options = { max_new_tokens: 24, temperature: 1, seed: 5, ...own };
      const { done, ...sessions } = await rehearse({ ...PADDED, models: { target, draft }, options });
      const name = JSON.stringify(own);
      texts.set(name, [...(texts.get(name) ?? []), done.ids]);
      for (const session of [sessions.target, sessions.draft]) session?.dispose();
    }
    for (const model of [target, ...Object.values(drafts)]) model.dispose();
  }
  for (const [name, [plain, ...others]] of texts) {
    expect(plain, name).toHaveLength(24);
    for (const other of others) expect(other, name).toEqual(plain);
  }
});

it("a draft model without all of the target's tokens is refused before anything is read", async () => {
  const models = { target: await padded(3, 133, { ...CAUSAL, numTokens: 9 }), draft: await padded(3, NUM_TOKENS) };
  const session = models.target.session();
  const run = { ...PADDED, models, target: session, options: { temperature: 1 } };
  await expect(rehearse(run)).rejects.toThrow(/all of the target's 9 tokens \(this one's ids end at 4\)/);
  expect(session.counts.forwards).toBe(0);
  session.dispose();
  for (const model of Object.values(models)) model.dispose();
});
