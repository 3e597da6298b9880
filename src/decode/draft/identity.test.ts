// The text of every drafter is autoregressive text, on the CPU: sources x temperatures x filters x draft lengths.
import { describe, expect, it } from "vitest";
import type { TokenId } from "../../events.js";
import { hashedLaw, type Law, mixedLaw } from "../../model/mock-laws.js";
import { mockModel } from "../../model/mock.js";
import type { Model } from "../../model/session.js";
import { threefry2x32 } from "../../sampling/noise.js";
import { autoregressive } from "../autoregressive.js";
import { rehearse } from "../rehearsal.js";
import { speculativeFrom } from "../speculative.js";
import { DraftTree } from "./draft-tree.js";
import { hostSource } from "./host-rounds.js";
import { draftSources } from "./index.js";
import { chainOf, type Draft, type DraftSource } from "./source.js";

const VOCAB = 11;
const NUM_TOKENS = 24;
const PROMPT = [0, 3, 4, 1, 7, 3, 4, 1, 0, 3];
const CAPABILITIES = { vocabSize: VOCAB, maxLength: 64 };

/** The last token tells much of the next one: text that n-grams can guess, and that is never the same. */
const habit: Law = {
  key: () => 0,
  logits: ({ token }) =>
    Float64Array.from({ length: VOCAB }, (_, id) => (threefry2x32(5, 6, token, id)[0] / 2 ** 32) ** 4 * 9),
};
const law = mixedLaw(habit, hashedLaw(1, VOCAB, 1.5), 0.4);
const models: { target: Model; draft: Model } = {
  target: mockModel({ law, capabilities: CAPABILITIES }),
  draft: mockModel({ law: mixedLaw(habit, hashedLaw(2, VOCAB, 1.5), 0.2), capabilities: CAPABILITIES }),
};

/** The text that the fuzzers know or avoid. */
let expectedIds: readonly TokenId[] = [];

function fuzzer(name: string, draft: (ids: readonly TokenId[], limit: number) => Draft): DraftSource {
  return hostSource({
    name,
    label: name,
    summary: name,
    numTokens: 4,
    isChain: true,
    options: {},
    open: () => ({ draft }),
  });
}

const future = (ids: readonly TokenId[], limit: number) => expectedIds.slice(ids.length, ids.length + limit);
const random = (ids: readonly TokenId[], i: number, below: number) => threefry2x32(9, 9, ids.length, i)[0] % below;

const FUZZERS = [
  fuzzer("always-right", (ids, limit) => chainOf(future(ids, limit))),
  fuzzer("always-wrong", (ids, limit) => chainOf(future(ids, limit).map((token) => (token + 1) % VOCAB))),
  fuzzer("random-chain", (ids, limit) =>
    chainOf(Array.from({ length: random(ids, 0, limit + 1) }, (_, i) => random(ids, i + 1, VOCAB))),
  ),
  fuzzer("random-tree", (ids, limit) => {
    const tree = new DraftTree(random(ids, 0, limit + 1));
    for (let i = 0; i < limit; i++)
      tree.add(random(ids, 2 * i, tree.tokens.length + 1) - 1, random(ids, 2 * i + 1, VOCAB));
    return tree;
  }),
  // The right path, somewhere in a tree of wrong ones.
  fuzzer("right-in-tree", (ids, limit) => {
    const tree = new DraftTree(limit);
    let node = -1;
    for (const token of future(ids, Math.ceil(limit / 3))) {
      tree.add(node, (token + 1) % VOCAB);
      const wrong = tree.add(node, (token + 2) % VOCAB);
      tree.add(wrong < 0 ? node : wrong, token);
      node = tree.add(node, token);
      if (node < 0) break;
    }
    return tree;
  }),
];

const FILTERS = [{}, { top_p: 0.7 }, { min_p: 0.15 }, { repetition_penalty: 1.4 }];
const CORPUS = Array.from({ length: 200 }, (_, i) => threefry2x32(3, 3, i >> 1, i & 1)[0] % VOCAB);

async function compare(source: DraftSource, temperature: number) {
  const decoder = speculativeFrom([source]);
  const counts = { proposed: 0, accepted: 0, forwards: 0, tokens: 0 };
  const own = source.name === "retrieval" ? { corpus: CORPUS } : {};
  for (const [i, filter] of FILTERS.entries()) {
    const common = { max_new_tokens: NUM_TOKENS, temperature, seed: 10 + i, ...filter };
    const run = { models, promptIds: PROMPT };
    const plain = await rehearse({ ...run, decoder: autoregressive, options: common });
    expectedIds = plain.canvas.ids();
    for (const num_assistant_tokens of [0, 1, 2, 5, 8]) {
      const options = { ...common, ...own, num_assistant_tokens };
      const { done, canvas } = await rehearse({ ...run, decoder, options });
      expect(done.ids, JSON.stringify(options)).toEqual(plain.done.ids);
      expect(canvas.completion().map(({ logprob }) => logprob)).toEqual(
        plain.canvas.completion().map(({ logprob }) => logprob),
      );
      if (num_assistant_tokens === 0) expect(done.metrics).toMatchObject({ proposed: 0, forwards: NUM_TOKENS });
      for (const key of ["proposed", "accepted", "forwards", "tokens"] as const) counts[key] += done.metrics[key];
    }
  }
  return counts;
}

describe.each(draftSources)("speculative text from $name", (source) => {
  it.each([0, 0.5, 1, 1.5])(
    "is autoregressive text, id for id and with its log-probabilities, at temperature %d",
    async (temperature) => {
      const { proposed, accepted } = await compare(source, temperature);
      // Some drafts are accepted and some aren't: else equality would say little.
      expect(accepted).toBeGreaterThan(temperature > 1 ? 0 : 8);
      expect(accepted).toBeLessThan(proposed);
    },
  );
});

describe.each(FUZZERS)("speculative text from drafts $name", (source) => {
  it.each([0, 0.5, 1, 1.5])("is autoregressive text, id for id, at temperature %d", async (temperature) => {
    const { proposed, accepted, tokens, forwards } = await compare(source, temperature);
    expect(proposed).toBeGreaterThan(0);
    if (source.name === "always-right") expect(tokens / forwards).toBeGreaterThan(2);
    if (source.name === "always-wrong") expect(accepted).toBe(0);
    if (source.name === "right-in-tree") expect(accepted).toBeGreaterThan(100);
  });
});
