// Every option of speculative, in every combination that takes it: a value is refused, or it changes what is written or done.
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { Law } from "../../backend/host/law.js";
import { hashedLaw, mixedLaw } from "../../testing/laws.js";
import { mockModel } from "../../backend/host/mock.js";
import { threefry2x32 } from "../../sampling/noise.js";
import { IS_WHOLE } from "../../testing/test-depth.js";
import { hashedModels, rehearse, stepsOf } from "../../testing/rehearsal.js";
import { speculative } from "./decoder.js";
import { draftSources } from "./drafters/index.js";

const VOCAB = 12;
const CAPABILITIES = { vocabSize: VOCAB, maxLength: 160, numLayers: 4 };
const CORPUS = Array.from({ length: 400 }, (_, i) => threefry2x32(3, 3, i >> 1, i & 1)[0] % VOCAB);
const PROMPT = [0, 3, 4, 1, 7, 3, 4, 1, 0, 3];

/** The last token tells much of the next one, so that n-grams come back; by token, an adapter's masks behind the vocabulary. */
const habits = Array.from({ length: 2 * VOCAB }, (_, token) =>
  Float64Array.from({ length: VOCAB }, (_, id) => (threefry2x32(5, 6, token, id)[0] / 2 ** 32) ** 4 * 9),
);
const habit: Law = { key: () => 0, logits: ({ token }) => habits[token] };
const law = mixedLaw(habit, hashedLaw(1, VOCAB, 1.5), 0.3);
const draftLaw = mixedLaw(habit, hashedLaw(2, VOCAB, 1.5), 0.3);
const shallow = (numLayers: number) => mixedLaw(habit, hashedLaw(10 + numLayers, VOCAB, 1.5), 0.2);
const MODELS = {
  target: mockModel({ law, capabilities: CAPABILITIES, shallow, head: draftLaw, maskSampler: draftLaw }),
  draft: mockModel({ law: draftLaw, capabilities: CAPABILITIES }),
};
const modelsFor = (drafter: string) =>
  drafter === "block-diffusion"
    ? { target: MODELS.target, draft: hashedModels("block-drafts", CAPABILITIES).draft }
    : MODELS;

const ADAPTIVE = {
  num_assistant_tokens_schedule: "adaptive",
  forward_costs: { 1: 1, 8: 1.2 },
  draft_cost: 0.05,
  wait_cost: 0.1,
};
const CONFIDENCE = { num_assistant_tokens_schedule: "confidence" };

/** Values of each option that aren't its default; and what it is asked beside, where it belongs to something. */
const VALUES: Record<string, { values: readonly unknown[]; beside?: readonly Record<string, unknown>[] }> = {
  num_assistant_tokens: { values: [1, 2, 7] },
  num_assistant_tokens_schedule: { values: ["heuristic", "confidence"] },
  assistant_confidence_threshold: { values: [0.1, 0.6, 0.9], beside: [CONFIDENCE] },
  forward_costs: { values: [{ 1: 1, 8: 6 }], beside: [ADAPTIVE] },
  draft_cost: { values: [0.9], beside: [ADAPTIVE] },
  verifier: { values: ["rejection", "block", "kseq", "recursive", "typical", "product", "bild"] },
  first_drafts: { values: ["distinct"], beside: [{ verifier: "recursive" }] },
  diffusion_share: { values: [0, 0.3, 1], beside: [{ verifier: "product" }] },
  posterior_threshold: { values: [0, 0.02, 0.3, 1], beside: [{ verifier: "typical" }] },
  posterior_alpha: { values: [0, 0.1], beside: [{ verifier: "typical" }] },
  fallback_threshold: {
    values: [0, 0.3, 0.9],
    beside: [{ verifier: "bild" }, { verifier: "bild", fallback_rule: "discard" }],
  },
  fallback_rule: { values: ["discard"], beside: [{ verifier: "bild" }] },
  rollback_threshold: { values: [0.1, 1], beside: [{ verifier: "bild", fallback_threshold: 0.1 }] },
  rollback_rule: {
    values: ["literal"],
    beside: [{ verifier: "bild", fallback_threshold: 0, rollback_threshold: 0.3 }],
  },
  tree_width: { values: [1, 2, 4, 8] },
  num_draft_chains: { values: [1, 2, 6] },
  draft_block_length: { values: [4] },
  draft_steps: { values: [2, 4, 9] },
  exit_layer: { values: [1, 3] },
  mtp_layout: { values: ["linear"] },
  max_matching_ngram_size: { values: [1, 4] },
  prompt_lookup_num_tokens: { values: [3, 20] },
  draft_timing: { values: ["late"] },
  corpus: { values: [CORPUS] },
  min_suffix_length: { values: [1, 4] },
  trigram_update: { values: ["off"] },
  ngram_size: { values: [2, 4, 16] },
  window_size: { values: [2, 9] },
  guess_set_size: { values: [1, 2] },
};

/** Lengths of the texts that are compared: the longer one only where the shorter ones are the same. */
const LENGTHS = [20, 90];

/** What a run does: its edits and its work. Refused: null. */
async function traceOf(drafter: string, options: Record<string, unknown>, length: number): Promise<string | null> {
  // Of three texts: by luck, one may come out the same.
  const seeds = IS_WHOLE ? [1, 2, 3] : [1];
  const traces: unknown[] = [];
  try {
    for (const seed of seeds) {
      const isGreedy = options.verifier === "bild";
      const common = { max_new_tokens: length, temperature: isGreedy ? 0 : 1, seed };
      const run = { decoder: speculative, models: modelsFor(drafter), promptIds: [...PROMPT, seed], lookahead: 1 };
      const { events, done } = await rehearse({ ...run, options: { drafter, ...common, ...options } });
      traces.push(
        done.metrics,
        stepsOf(events).map(({ edits, draftForwards }) => [edits, draftForwards]),
      );
    }
  } catch (error) {
    if (error instanceof InvalidOptionError) return null;
    throw error;
  }
  return JSON.stringify(traces);
}

/** Makes a value when it is first asked for. */
function lazily<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

describe.each(draftSources)("an option beside the drafter $name", ({ name }) => {
  it("is refused by name, or changes what is written or done", async () => {
    const own = name === "chains" ? [{ verifier: "kseq" }, { verifier: "typical" }] : [{}];
    const needed =
      name === "retrieval" ? { corpus: CORPUS.slice(0, 200) } : name === "trigram" ? { corpus: CORPUS } : {};
    const inert: string[] = [];
    let numTaken = 0;
    for (const [option, { values, beside = own }] of Object.entries(VALUES)) {
      for (const context of beside) {
        const base = { ...needed, ...context };
        const plain = LENGTHS.map((length) => lazily(() => traceOf(name, base, length)));
        if ((await plain[0]()) === null) continue;
        for (const value of values) {
          if (JSON.stringify((base as Record<string, unknown>)[option]) === JSON.stringify(value)) continue;
          const changed = { ...base, [option]: value };
          let isSame = true;
          for (const [i, length] of LENGTHS.entries()) {
            const trace = await traceOf(name, changed, length);
            if (i === 0 && trace !== null) numTaken++;
            isSame = trace === (await plain[i]());
            if (!isSame) break;
          }
          if (isSame) inert.push(`${option} ${JSON.stringify(value)} beside ${JSON.stringify(context)}`);
        }
      }
    }
    expect(inert).toEqual([]);
    expect(numTaken).toBeGreaterThan(2);
  }, 60_000);
});

it("the list holds every option of speculative that isn't every decoder's", () => {
  const common = [
    "max_new_tokens",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "repetition_penalty",
    "logit_bias",
    "seed",
    "stop",
  ];
  const listed = [...Object.keys(VALUES), "drafter", "wait_cost", ...common];
  expect(Object.keys(speculative.options).filter((option) => !listed.includes(option))).toEqual([]);
});
