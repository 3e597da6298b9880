// The text of every drafter is autoregressive text, on the CPU: sources x temperatures x filters x draft lengths.
import { describe, expect, it } from "vitest";
import type { TokenId } from "../../vocabulary/events.js";
import type { Law } from "../../backend/host/law.js";
import { hashedLaw, mixedLaw } from "../../testing/laws.js";
import { mockModel } from "../../backend/host/mock.js";
import { threefry2x32 } from "../../sampling/noise.js";
import { IS_WHOLE } from "../../testing/test-depth.js";
import {
  adaptiveOnes,
  FILTERS,
  fuzzersOf,
  type IdentitySetup,
  lateOnes,
  LENGTHS,
  TEMPERATURES,
  writeDrafted,
  writePlain,
} from "../../testing/identity-cases.js";
import { eagle } from "./drafters/eagle.js";
import { coupledSources } from "./drafters/index.js";
import { promptLookup } from "./drafters/prompt-lookup.js";
import type { DraftSource } from "./drafters/source.js";
import { suffix } from "./drafters/suffix.js";

const VOCAB = 11;
const NUM_TOKENS = 24;
const CAPABILITIES = { vocabSize: VOCAB, maxLength: 64, numLayers: 4 };

/** The last token tells much of the next one: text that n-grams can guess, and that is never the same; by token, an adapter's masks behind the vocabulary. */
const habits = Array.from({ length: 2 * VOCAB }, (_, token) =>
  Float64Array.from({ length: VOCAB }, (_, id) => (threefry2x32(5, 6, token, id)[0] / 2 ** 32) ** 4 * 9),
);
const habit: Law = { key: () => 0, logits: ({ token }) => habits[token] };
const law = mixedLaw(habit, hashedLaw(1, VOCAB, 1.5), 0.4);
const rightAtTimes = mixedLaw(habit, hashedLaw(2, VOCAB, 1.5), 0.2);
/** Knows the habit where it sees the token before, and else nothing. */
const habitInPlace: Law = {
  key: () => 0,
  logits({ position }, seen) {
    const before = seen.find((cell) => cell.position === position - 1 && cell.token !== VOCAB - 1);
    return before ? habit.logits(before, seen) : new Float64Array(VOCAB);
  },
};
const SETUP: IdentitySetup = {
  models: {
    target: mockModel({
      law,
      capabilities: CAPABILITIES,
      shallow: () => rightAtTimes,
      head: rightAtTimes,
      maskSampler: rightAtTimes,
    }),
    draft: mockModel({ law: rightAtTimes, capabilities: CAPABILITIES }),
    blockDraft: mockModel({
      law: habitInPlace,
      capabilities: { ...CAPABILITIES, causal: false, inPlace: true, maskToken: VOCAB - 1, blockLengths: [8] },
    }),
  },
  promptIds: [0, 3, 4, 1, 7, 3, 4, 1, 0, 3],
  corpus: Array.from({ length: 200 }, (_, i) => threefry2x32(3, 3, i >> 1, i & 1)[0] % VOCAB),
  numTokens: NUM_TOKENS,
};

/** The text that the fuzzers know or avoid. */
let expectedIds: readonly TokenId[] = [];
const FUZZERS = fuzzersOf(() => expectedIds, VOCAB);

/** In `npm test` two of the five, others for each filter, so that each comes. */
const lengthsOf = (filter: number) => LENGTHS.filter((_, i) => IS_WHOLE || (i + filter) % LENGTHS.length < 2);
/** Of what the whole product accepts. */
const SHARE = IS_WHOLE ? 1 : 0.4;

async function compare(source: DraftSource, temperature: number) {
  const counts = { proposed: 0, accepted: 0, forwards: 0, tokens: 0 };
  for (const filter of FILTERS.keys()) {
    const plain = await writePlain(SETUP, temperature, filter);
    expectedIds = plain.ids;
    for (const length of lengthsOf(filter)) {
      const { completion, metrics } = await writeDrafted(SETUP, plain, source, length);
      expect(completion, JSON.stringify({ ...plain.common, length })).toEqual(plain.completion);
      // A head reads the prompt before it drafts anything.
      const forwards = NUM_TOKENS + (source.name.startsWith(eagle.name) ? 1 : 0);
      if (length === 0) expect(metrics).toMatchObject({ proposed: 0, forwards });
      for (const key of ["proposed", "accepted", "forwards", "tokens"] as const) counts[key] += metrics[key];
    }
  }
  return counts;
}

describe.each([...coupledSources, ...lateOnes([promptLookup, suffix])])("speculative text from $name", (source) => {
  it.each(TEMPERATURES)(
    "is autoregressive text, id for id and with its log-probabilities, at temperature %d",
    async (temperature) => {
      const { proposed, accepted } = await compare(source, temperature);
      // Some drafts are accepted and some aren't: else equality would say little.
      expect(accepted).toBeGreaterThan(temperature > 1 ? 0 : 8 * SHARE);
      expect(accepted).toBeLessThan(proposed);
    },
  );
});

const ADAPTIVE = adaptiveOnes([...coupledSources, ...FUZZERS]);

describe.each([...ADAPTIVE, ...lateOnes(adaptiveOnes([suffix, ...FUZZERS]))])(
  "text of adaptive lengths from $name",
  (source) => {
    it.each([0, 1])(
      "is autoregressive text, id for id and with its log-probabilities, at temperature %d",
      async (temperature) => {
        const { proposed, accepted, forwards, tokens } = await compare(source, temperature);
        if (source.name.startsWith("always-right")) expect(tokens / forwards).toBeGreaterThan(1.3);
        if (source.name === "always-wrong, adaptive") expect(accepted).toBe(0);
        // What drafts on the CPU is known to be wrong without being verified; the others are tried.
        const isOnHost = [...FUZZERS, suffix, promptLookup].some(({ name }) => source.name.startsWith(name));
        if (!isOnHost) expect(proposed).toBeGreaterThan(0);
      },
    );
  },
);

describe.each([...FUZZERS, ...lateOnes(FUZZERS)])("speculative text from drafts $name", (source) => {
  it.each(TEMPERATURES)("is autoregressive text, id for id, at temperature %d", async (temperature) => {
    const { proposed, accepted, tokens, forwards } = await compare(source, temperature);
    expect(proposed).toBeGreaterThan(0);
    if (source.name.startsWith("always-right")) expect(tokens / forwards).toBeGreaterThan(2);
    if (source.name === "always-wrong") expect(accepted).toBe(0);
    if (source.name === "right-in-tree") expect(accepted).toBeGreaterThan(100 * SHARE);
  });
});
