// Over 300 lines: one decoder's rounds, caches, limits and bad input, on the same two mock models.
import { sample } from "../../seam/questions/sample.js";
import { describe, expect, it } from "vitest";
import type { Law } from "../../backend/host/law.js";
import { hashedLaw, randomJoint, scriptedLaw, sequenceOf, tabularLaw } from "../../testing/laws.js";
import { mockModel } from "../../backend/host/mock.js";
import type { Model } from "../../seam/model.js";
import { GREEDY, type Sampler } from "../../seam/sampler.js";
import type { Retokenizer } from "../../tokenizer/retokenize.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { hashedModels, LETTERS, rehearse, stepsOf } from "../../testing/rehearsal.js";
import { CRITICAL, chiSquare, distance, enumeratedBySteps, indexOf } from "../../testing/tabular.js";
import { planRun } from "../engine/plan.js";
import { speculative } from "./decoder.js";

const PROMPT = [0, 3, 4, 1];
const CAPABILITIES = { vocabSize: 13, maxLength: 96 };

/** Drafts that are right at times, always, never, and the same token over and over. */
const DRAFTS: Record<string, Model> = {
  "right at times": hashedModels("causal").draft,
  "always right": hashedModels("causal").target,
  unrelated: mockModel({ law: hashedLaw(99, 13, 1.5), capabilities: CAPABILITIES }),
  stubborn: mockModel({ law: scriptedLaw(new Array(200).fill(7), 13), capabilities: CAPABILITIES }),
  "short of context": mockModel({ law: hashedLaw(1, 13, 1.5), capabilities: { ...CAPABILITIES, maxLength: 16 } }),
};

describe("speculative text", () => {
  const { target } = hashedModels("causal");

  it.each(Object.entries(DRAFTS))(
    "is autoregressive text, token for token, with a draft that is %s",
    async (_, draft) => {
      for (const temperature of [0, 0.7, 1.3]) {
        for (let seed = 0; seed < 6; seed++) {
          const options = { max_new_tokens: 24, temperature, seed };
          const expected = await rehearse({ decoder: autoregressive, models: { target }, promptIds: PROMPT, options });
          for (const num_assistant_tokens of [0, 1, 2, 5]) {
            const own = { ...options, num_assistant_tokens };
            const { done } = await rehearse({
              decoder: speculative,
              models: { target, draft },
              promptIds: PROMPT,
              options: own,
            });
            expect(done.ids).toEqual(expected.done.ids);
          }
        }
      }
    },
  );

  it.each([
    { top_k: 3 },
    { top_p: 0.7 },
    { min_p: 0.2 },
    { repetition_penalty: 1.6 },
    { logit_bias: { 2: 2, 5: -3 } },
    { top_k: 8, top_p: 0.9, min_p: 0.05, repetition_penalty: 1.2 },
    { stop: "k" },
  ])("is autoregressive text with %j", async (own) => {
    const models = hashedModels("causal");
    for (let seed = 0; seed < 5; seed++) {
      const run = { models, promptIds: PROMPT, options: { max_new_tokens: 24, temperature: 1, seed, ...own } };
      const expected = await rehearse({ ...run, decoder: autoregressive });
      const { done } = await rehearse({ ...run, decoder: speculative });
      expect([done.ids, done.text]).toEqual([expected.done.ids, expected.done.text]);
    }
  });

  it("has the same log-probabilities", async () => {
    const run = { models: hashedModels("causal"), promptIds: PROMPT, options: { max_new_tokens: 24, temperature: 1 } };
    const logprobs = async (decoder: typeof speculative) =>
      (await rehearse({ ...run, decoder })).canvas.completion().map(({ logprob }) => logprob);
    expect(await logprobs(speculative)).toEqual(await logprobs(autoregressive));
  });
});

describe("the draft's cache", () => {
  it("is that of a draft which reads everything anew: each round's drafts are those of a new session", async () => {
    const models = hashedModels("causal");
    for (const num_assistant_tokens of [1, 3]) {
      const options = { max_new_tokens: 40, temperature: 1, seed: 4, num_assistant_tokens };
      const { events } = await rehearse({ decoder: speculative, models, promptIds: PROMPT, options, lookahead: 1 });
      const ids = [...PROMPT];
      let numChecked = 0;
      for (const { edits } of stepsOf(events)) {
        const drafts = edits.flatMap((edit) => (edit.op === "insert" && edit.state === "draft" ? [edit.token] : []));
        expect(drafts).toEqual(await chain(models.draft, ids, drafts.length, 4));
        numChecked += drafts.length;
        for (const edit of edits) {
          if (edit.op === "write") ids.push(edit.token as number);
          if (edit.op === "insert" && edit.state === "committed") ids.push(edit.token as number);
        }
      }
      expect(numChecked).toBeGreaterThan(15);
    }
  });

  it("costs the rows that it must: two for the first draft of a round, one for the others", async () => {
    const models = hashedModels("causal");
    const options = { max_new_tokens: 30, temperature: 1, num_assistant_tokens: 3 };
    const { target, draft, done } = await rehearse({
      decoder: speculative,
      models,
      promptIds: PROMPT,
      options,
      lookahead: 1,
    });
    const rounds = done.metrics.forwards;
    expect(target.counts.rows).toBe(PROMPT.length + 3 + (rounds - 1) * 4);
    expect(draft?.counts.rows).toBe(PROMPT.length + 2 + (rounds - 1) * 4);
    expect(done.metrics.proposed).toBe(3 * rounds);
    expect(done.metrics.accepted).toBeGreaterThan(rounds / 2);
  });
});

describe("a speculative round", () => {
  it("accepts every draft of a draft model that equals the target", async () => {
    const { target } = hashedModels("causal");
    const options = { max_new_tokens: 30, temperature: 1, num_assistant_tokens: 4 };
    const { done } = await rehearse({
      decoder: speculative,
      models: { target, draft: target },
      promptIds: PROMPT,
      options,
    });
    expect(done.metrics).toMatchObject({ proposed: 24, accepted: 24, forwards: 6, tokensPerForward: 5 });
  });

  it("ends inside the accepted drafts at an end token, and what was accepted behind it goes", async () => {
    const script = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const target = mockModel({ law: scriptedLaw(script, 9), capabilities: { vocabSize: 9, eosTokens: [4] } });
    const models = { target, draft: target };
    const { done, canvas, events } = await rehearse({
      decoder: speculative,
      models,
      promptIds: [0],
      options: { temperature: 0 },
    });
    expect(done).toMatchObject({ reason: "stop", ids: [1, 2, 3], metrics: { steps: 1, forwards: 1 } });
    expect(canvas.ids()).toEqual([0, 1, 2, 3, 4]);
    expect(stepsOf(events)).toHaveLength(1);
  });

  it("drafts less where the context ends, and fills it", async () => {
    for (let maxLength = 6; maxLength <= 16; maxLength++) {
      const models = hashedModels("causal", { maxLength });
      const options = { max_new_tokens: 99, temperature: 1, num_assistant_tokens: 5 };
      const run = { models, promptIds: PROMPT, options };
      const expected = await rehearse({
        ...run,
        decoder: autoregressive,
        options: { max_new_tokens: 99, temperature: 1 },
      });
      const { done, canvas } = await rehearse({ ...run, decoder: speculative });
      expect(canvas.length).toBe(maxLength);
      expect(done).toMatchObject({ reason: "length", ids: expected.done.ids });
    }
  });

  it("shows rejected drafts' text in the step that rejects them", async () => {
    const models = { target: hashedModels("causal").target, draft: DRAFTS.stubborn };
    const { events } = await rehearse({
      decoder: speculative,
      models,
      promptIds: PROMPT,
      options: { max_new_tokens: 8 },
    });
    const [{ edits, pieces }] = stepsOf(events);
    const rejected = edits.flatMap((edit) => (edit.op === "delete" ? [edit.slot] : []));
    expect(rejected.length).toBeGreaterThan(0);
    for (const slot of rejected) expect(pieces).toContainEqual({ slot, text: "h" });
  });
});

describe("models for speculative", () => {
  it("are a causal target and a causal draft with the same vocabulary: what is missing is named", async () => {
    const { target } = hashedModels("causal");
    const run = { decoder: speculative, promptIds: PROMPT };
    await expect(rehearse({ ...run, models: { target } })).rejects.toThrow(
      /needs a draft model \(give one as draft, with --draft DIR .*suffix and prompt-lookup need none/,
    );
    const small = mockModel({ law: hashedLaw(1, 9), capabilities: { vocabSize: 9 } });
    await expect(rehearse({ ...run, models: { target, draft: small } })).rejects.toThrow(/vocabulary \(9 ids.*13\)/);
    const blocks = hashedModels("blocks").target;
    for (const decoder of [autoregressive, speculative]) {
      const refused = rehearse({ ...run, decoder, models: { target: blocks, draft: target } });
      await expect(refused).rejects.toThrow(new RegExp(`${decoder.name} needs .*left to right`));
    }
  });
});

describe("the option drafter", () => {
  const { target } = hashedModels("causal");
  const run = { decoder: speculative, models: { target }, promptIds: PROMPT };
  const corpus = [1, 2, 3];

  it("asks for a draft model only when that is to draft", async () => {
    for (const drafter of ["prompt-lookup", "suffix", "recycling", "trigram", "lookahead"]) {
      const { done } = await rehearse({ ...run, options: { drafter, max_new_tokens: 4 } });
      expect(done.ids).toHaveLength(4);
    }
    for (const options of [{}, { drafter: "model" }]) {
      await expect(rehearse({ ...run, options })).rejects.toMatchObject({ code: "unsupported_model" });
    }
  });

  it("has a head read each token at its place: one that says what the target says is always right", async () => {
    const habit: Law = {
      key: () => 0,
      logits: ({ token, position }) =>
        Float64Array.from({ length: 13 }, (_, id) => ((token * 5 + position + id * 7) % 13) / 2),
    };
    const knowing = mockModel({ law: habit, capabilities: CAPABILITIES, head: habit });
    const options = { drafter: "eagle", max_new_tokens: 25, temperature: 1 };
    const { done } = await rehearse({ ...run, models: { target: knowing }, options });
    // The prompt, then five rounds of four drafts. The head reads it too, and behind each round what was kept.
    expect(done.metrics).toMatchObject({ proposed: 20, accepted: 20, forwards: 6, draftForwards: 21 });
    expect(done.metrics.forwardsBy).toEqual({ drafter: 21 });
    // Nothing is ever that certain: the first draft is the round's last.
    const sure = { ...options, num_assistant_tokens_schedule: "confidence", assistant_confidence_threshold: 1 };
    const short = await rehearse({ ...run, models: { target: knowing }, options: sure });
    expect(short.done.ids).toEqual(done.ids);
    expect(short.done.metrics.proposed).toBe(short.done.metrics.accepted);
    expect(short.done.metrics.forwards).toBe(14);
    const bare = mockModel({ law: habit, capabilities: CAPABILITIES });
    await expect(rehearse({ ...run, models: { target: bare }, options })).rejects.toThrow(
      /loaded with an EAGLE head.*--head/,
    );
  });

  it("takes a draft model of another vocabulary only with tokenizers of both", async () => {
    const other = hashedModels("causal", { vocabSize: 17 }).draft;
    const models = { target, draft: other };
    await expect(rehearse({ ...run, models })).rejects.toThrow(/target's vocabulary \(17 ids.* retokenized takes any/);
    const retokenizer: Retokenizer = {
      difference: () => "of 13 ids that both have, 2 stand for others",
      toOther: (ids) => ids.map((id) => id + 3),
      toOwn: (_ids, _others, more) => more.map((id) => id - 3).filter((id) => id >= 0 && id < 13),
    };
    // As many ids, of which some stand for others.
    const alike = { target, draft: hashedModels("causal").draft };
    await expect(rehearse({ ...run, models: alike, retokenizer })).rejects.toThrow(
      /the target's tokens \(this one's differ: of 13 ids that both have, 2 stand for others\); the drafter retokenized takes any/,
    );
    await expect(rehearse({ ...run, models: alike, retokenizer })).rejects.toMatchObject({ code: "other_vocabulary" });
    const options = { drafter: "retokenized", max_new_tokens: 20, temperature: 1 };
    const { done } = await rehearse({ ...run, models, retokenizer, options });
    const plain = await rehearse({ ...run, decoder: autoregressive, options: { max_new_tokens: 20, temperature: 1 } });
    expect(done.ids).toEqual(plain.done.ids);
    expect(done.metrics.proposed).toBeGreaterThan(0);
    const request = { decoder: speculative, promptIds: PROMPT, options, tokenizer: LETTERS };
    const sessions = { target: target.session(), draft: other.session() };
    const capabilities = { capabilities: target.capabilities, draftCapabilities: other.capabilities };
    expect(() => planRun({ ...request, ...sessions, ...capabilities })).toThrow(/tokenizer\.json beside both models/);
    const adaptive = {
      ...options,
      num_assistant_tokens_schedule: "adaptive",
      forward_costs: { 1: 1 },
      draft_cost: 0.1,
    };
    await expect(rehearse({ ...run, models, retokenizer, options: adaptive })).rejects.toThrow(/constant or heuristic/);
  });

  it("refuses a draft model that reads another way", async () => {
    const refused = (kind: "causal" | "block-drafts", options: Record<string, unknown>) =>
      rehearse({ ...run, models: hashedModels(kind), options });
    const drafter = "block-diffusion";
    await expect(refused("causal", { drafter })).rejects.toThrow(/trained on blocks of 8 \(this one: on none\)/);
    await expect(refused("block-drafts", { drafter, draft_block_length: 3 })).rejects.toThrow(
      /blocks of 3 \(this one: 4, 8\)/,
    );
    await expect(refused("block-drafts", {})).rejects.toThrow(/a draft model that reads left to right/);
  });

  it("brings its own defaults, and leaves other drafters' options unset", async () => {
    const optionsOf = async (options: Record<string, unknown>) => {
      const [start] = (await rehearse({ ...run, options: { max_new_tokens: 1, ...options } })).events;
      return start.type === "start" ? start.options : {};
    };
    expect(await optionsOf({ drafter: "prompt-lookup" })).toMatchObject({
      num_assistant_tokens: 10,
      max_matching_ngram_size: 2,
      prompt_lookup_num_tokens: null,
      window_size: null,
      corpus: null,
    });
    const lookahead = { drafter: "lookahead", num_assistant_tokens: 8, window_size: 2 };
    expect(await optionsOf(lookahead)).toMatchObject({ ...lookahead, ngram_size: 3, max_matching_ngram_size: null });
  });

  it.each([
    [
      { drafter: "suffix", max_matching_ngram_size: 3 },
      /max_matching_ngram_size .* prompt-lookup or device-lookup, not of suffix/,
    ],
    [{ drafter: "prompt-lookup", corpus }, /corpus .* suffix or retrieval or trigram, not of prompt-lookup/],
    [{ min_suffix_length: 2 }, /min_suffix_length .* suffix, not of model/],
    [{ drafter: "retrieval" }, /retrieval drafts from a corpus/],
    [{ drafter: "retrieval", corpus: [] }, /corpus is empty/],
    [{ drafter: "trigram", corpus: [] }, /corpus is empty/],
    [{ drafter: "suffix", corpus: [1, 13] }, /corpus\[1\]: id 13 is outside the vocabulary, 0 to 12/],
    [{ drafter: "suffix", corpus: [1, 2] }, /corpus has 2 tokens, and is drafted from behind matches of 2 or more/],
    [{ drafter: "suffix", corpus, min_suffix_length: 3 }, /corpus has 3 tokens/],
    [{ drafter: "trigram", corpus: [1, 2] }, /corpus has 2 tokens/],
    [{ drafter: "retrieval", corpus: [1, 2] }, /corpus has 2 tokens/],
    [
      { drafter: "lookahead", window_size: 6 },
      /window_size 6 of ngram_size 3 drafts 12 .* half of num_assistant_tokens 20/,
    ],
    [{ drafter: "lookahead", guess_set_size: 10 }, /guess_set_size 10 changes nothing .* room for 9 beside/],
    [{ drafter: "lookahead", num_assistant_tokens: 2, guess_set_size: 2 }, /guess_set_size 2 .* room for 1 beside/],
    [{ drafter: "lookahead", num_assistant_tokens: 3, ngram_size: 4 }, /window_size 5 of ngram_size 4 drafts 15/],
    [{ num_assistant_tokens: 0, verifier: "block", temperature: 1 }, /verifier block changes nothing where num_ass/],
    [{ num_assistant_tokens: 0, num_assistant_tokens_schedule: "heuristic" }, /schedule heuristic changes nothing/],
    [{ num_assistant_tokens: 0, drafter: "tree", tree_width: 2 }, /tree_width 2 changes nothing/],
    [{ num_assistant_tokens: 0, drafter: "suffix", corpus }, /corpus changes nothing/],
    [{ num_assistant_tokens: 0, drafter: "suffix", draft_timing: "late" }, /draft_timing late changes nothing/],
    [{ drafter: "suffix", corpus: [1, -2] }, /corpus\[1\] can't be -2/],
    [{ drafter: "suffix", corpus: "a text" }, /corpus can't be "a text"/],
    [{ drafter: "tree", tree_width: 9 }, /tree_width can't be 9: give an integer from 1 to 8/],
    [{ drafter: "early-exit", exit_layer: 4 }, /exit_layer 4 must be less than the 4 layers .* from 1 to 3/],
    [{ drafter: "early-exit", exit_layer: 0 }, /exit_layer can't be 0/],
    [{ exit_layer: 2 }, /exit_layer .* early-exit, not of model/],
    [{ drafter: "block-diffusion" }, /needs a draft model trained on blocks of 8/],
    [{ drafter: "block-diffusion", draft_steps: 0 }, /draft_steps can't be 0/],
    [{ drafter: "block-diffusion", verifier: "rejection" }, /rejection compares .* choose verifier coupling/],
    [{ drafter: "ngram" }, /drafter can't be "ngram": choose model or tree or chains or block-diffusion or /],
    [
      { drafter: "recycling", num_assistant_tokens: 65 },
      /num_assistant_tokens can't be 65: give an integer from 0 to 64/,
    ],
  ])("refuses %j by name, and the next run works", async (options, message) => {
    await expect(rehearse({ ...run, options })).rejects.toThrow(message);
    const { done } = await rehearse({ ...run, options: { drafter: "suffix", corpus, max_new_tokens: 3 } });
    expect(done.reason).toBe("length");
  });

  it("has prompt lookup draft prompt_lookup_num_tokens, as Hugging Face has it, which is num_assistant_tokens", async () => {
    const script = Array.from({ length: 120 }, (_, i) => i % 4);
    const models = { target: mockModel({ law: scriptedLaw(script, 4), capabilities: { vocabSize: 4 } }) };
    const proposed = async (options: Record<string, unknown>) => {
      const all = { drafter: "prompt-lookup", max_new_tokens: 30, ...options };
      const { done } = await rehearse({ ...run, models, promptIds: script.slice(0, 40), options: all });
      return done.metrics.proposed / (done.metrics.forwards - 1);
    };
    expect(await proposed({})).toBe(10);
    expect(await proposed({ prompt_lookup_num_tokens: 3 })).toBe(3);
    expect(await proposed({ prompt_lookup_num_tokens: 20 })).toBe(20);
    expect(await proposed({ prompt_lookup_num_tokens: 5, num_assistant_tokens: 5 })).toBe(5);
    const both = proposed({ prompt_lookup_num_tokens: 30, num_assistant_tokens: 5 });
    await expect(both).rejects.toThrow(/prompt_lookup_num_tokens 30 and num_assistant_tokens 5 are two names/);
  });
});

describe("autoregressive sampling", () => {
  it("follows the joint law of a tabular model, and so does speculative sampling", async () => {
    const joint = randomJoint(5, 3, 4);
    const law = new Float64Array(27);
    joint.probability.forEach((probability, index) => {
      const [first, a, b, c] = sequenceOf(joint, index);
      if (first === 2) law[a * 9 + b * 3 + c] += probability;
    });
    const total = law.reduce((a, b) => a + b, 0);
    const exact = law.map((p) => p / total);
    const capabilities = { vocabSize: 3, maxLength: 4 };
    const target = mockModel({ law: tabularLaw(joint, null), capabilities });
    const draft = mockModel({ law: tabularLaw(randomJoint(6, 3, 4), null), capabilities });
    for (const decoder of [autoregressive, speculative]) {
      const own = await enumeratedBySteps(decoder, target, {}, { draft, prompt: [2] });
      expect(distance(own, exact)).toBeLessThan(1e-9);
    }
    const counts = new Array<number>(27).fill(0);
    for (let seed = 0; seed < 800; seed++) {
      const options = { max_new_tokens: 3, temperature: 1, seed };
      const { done } = await rehearse({ decoder: speculative, models: { target, draft }, promptIds: [2], options });
      counts[indexOf(done.ids)]++;
    }
    expect(chiSquare(counts, exact)).toBeLessThan(CRITICAL);
  });

  it("feeds each token once", async () => {
    const { target, done } = await rehearse({
      decoder: autoregressive,
      models: hashedModels("causal"),
      promptIds: PROMPT,
      options: { max_new_tokens: 20 },
    });
    expect(target.counts).toMatchObject({ forwards: 20, rows: PROMPT.length + 19 });
    expect(done.metrics).toMatchObject({ forwards: 20, discardedForwards: 0, tokensPerForward: 1 });
  });
});

async function chain(model: Model, ids: readonly number[], length: number, seed: number): Promise<number[]> {
  const sampler: Sampler = { ...GREEDY, temperature: 1, seed };
  const drafts: number[] = [];
  while (drafts.length < length) {
    const tokens = [...ids, ...drafts];
    const rows = model.session().forward({ tokens, attend: "causal", rows: "last", keep: tokens.length });
    drafts.push((await rows.ask(sample(sampler)).read())[0].token);
  }
  return drafts;
}
