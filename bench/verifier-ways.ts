import type { TokenId } from "../src/vocabulary/events.js";

/** One way to draft and verify. */
export interface Way {
  group: "laws" | "bild" | "trigrams";
  name: string;
  options: Record<string, unknown>;
  /** Drafts are read back one by one. */
  readsDrafts?: true;
}

/** Several chains of four drafts: by their verifier, how many. */
const CHAINS: readonly [name: string, verifier: Record<string, unknown>, numChains: readonly number[]][] = [
  ["kseq", { verifier: "kseq" }, [2, 4, 8]],
  ["recursive", { verifier: "recursive" }, [2, 4]],
  ["recursive, distinct", { verifier: "recursive", first_drafts: "distinct" }, [2, 4]],
  ["typical", { verifier: "typical" }, [4]],
];
/** Thresholds of BiLD: fallback, rollback. */
const THRESHOLDS = [
  [0.9, 5],
  [0.6, 5],
  [0.6, 2],
  [0.3, 5],
  [0.3, 2],
];

const PLAIN = { decoder: "autoregressive" };
const SPECULATIVE = { decoder: "speculative" };

/** One chain, and several by their number; each verifier on the same prompts and seed. */
function lawWays(): Way[] {
  const way = (name: string, options: Record<string, unknown>): Way => {
    return { group: "laws", name, options: { ...SPECULATIVE, temperature: 1, seed: 1, ...options } };
  };
  const chains = (numChains: number, length: number) => ({
    drafter: "chains",
    num_draft_chains: numChains,
    num_assistant_tokens: length,
  });
  return [
    way("autoregressive", PLAIN),
    ...["coupling", "rejection", "block", "typical"].map((verifier) =>
      way(`${verifier}, 4`, { verifier, num_assistant_tokens: 4 }),
    ),
    ...CHAINS.flatMap(([name, verifier, counts]) =>
      counts.map((count) => way(`${name}, ${count} × 4`, { ...verifier, ...chains(count, 4) })),
    ),
    way("block, 8", { verifier: "block", num_assistant_tokens: 8 }),
  ];
}

function bildWays(): Way[] {
  const greedy = { temperature: 0 };
  const way = (name: string, options: Record<string, unknown>, readsDrafts?: true): Way => {
    return { group: "bild", name, options: { ...SPECULATIVE, verifier: "bild", ...greedy, ...options }, readsDrafts };
  };
  return [
    { group: "bild", name: "autoregressive", options: { ...PLAIN, ...greedy } },
    ...THRESHOLDS.map(([fallback_threshold, rollback_threshold]) =>
      way(`${fallback_threshold}, ${rollback_threshold}`, { fallback_threshold, rollback_threshold }, true),
    ),
    way("0.6, 5, discard", { fallback_rule: "discard" }),
    way("0.3, 5, discard", { fallback_rule: "discard", fallback_threshold: 0.3 }),
    {
      group: "bild",
      name: "coupling, confidence 0.6",
      options: {
        ...SPECULATIVE,
        ...greedy,
        num_assistant_tokens: 10,
        num_assistant_tokens_schedule: "confidence",
        assistant_confidence_threshold: 0.6,
      },
      readsDrafts: true,
    },
  ];
}

/** `corpus`: what the model has written from other prompts. */
function trigramWays(corpus: readonly TokenId[]): Way[] {
  const ways: [name: string, options: Record<string, unknown>][] = [
    ["prompt-lookup", { drafter: "prompt-lookup" }],
    ["trigram", { drafter: "trigram" }],
    ["trigram, corpus", { drafter: "trigram", corpus }],
    ["trigram, corpus, update off", { drafter: "trigram", corpus, trigram_update: "off" }],
    ["retrieval, corpus", { drafter: "retrieval", corpus }],
    ["suffix, corpus", { drafter: "suffix", corpus }],
  ];
  return ways.map(([name, options]) => ({
    group: "trigrams",
    name,
    options: { ...SPECULATIVE, temperature: 0, ...options },
  }));
}

/** All of them, by group; the first of a group is plain decoding, or what the others are compared with. */
export function verifierWays(corpus: readonly TokenId[]): Way[] {
  return [...lawWays(), ...bildWays(), ...trigramWays(corpus)];
}
