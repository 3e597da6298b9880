import path from "node:path";
import { root, say } from "../scripts/setup.mjs";
import { Canvas } from "../src/canvas.js";
import { type Folder, loadFolder, openFolder, openGpu } from "../src/cli/models.js";
import { generateOnce } from "../src/cli/run.js";
import type { GenerationEvent, TokenId } from "../src/events.js";
import type { Gpu } from "../src/gpu/device.js";
import type { Model } from "../src/model/session.js";
import { beginReport, type Report, table, writeReport } from "./report.js";
import { workloadsOf } from "./speculation.js";

/** Prompts of a workload, and tokens that are written behind each. */
const NUM_PROMPTS = 5;
const NUM_NEW_TOKENS = 64;
const LENGTHS = [4, 8];
const CHAINS = [1, 2, 4, 8];
const CHAIN_VERIFIERS = {
  kseq: { verifier: "kseq" },
  recursive: { verifier: "recursive" },
  "recursive, distinct": { verifier: "recursive", first_drafts: "distinct" },
};
const FALLBACKS = [0.9, 0.6, 0.3, 0];
const ROLLBACKS = [1, 2, 5, 1000];

/** What is counted of one way to draft and verify, over all prompts of a workload. */
export interface Accepted {
  group: "laws" | "bild" | "trigrams";
  workload: string;
  name: string;
  tokens: number;
  /** Of the target, prefill included. */
  forwards: number;
  proposed: number;
  accepted: number;
  /** Nats per token of the text under the target's own law. */
  nll: number;
}

/** The file that `verifiers` writes. */
export interface VerifiersReport extends Report {
  results: Accepted[];
}

type Way = Pick<Accepted, "group" | "workload" | "name"> & { options: Record<string, unknown> };

const drawn = { temperature: 1, seed: 1 };
const speculative = { decoder: "speculative" };

/** One chain by length, several by number and length; each verifier on the same prompts and seed. */
function lawWays(): Way[] {
  const way = (name: string, options: Record<string, unknown>): Way => ({
    group: "laws",
    workload: "story",
    name,
    options: { ...speculative, ...drawn, ...options },
  });
  return LENGTHS.flatMap((length) => [
    ...["coupling", "rejection", "block", "typical"].map((verifier) =>
      way(`${verifier}, ${length}`, { verifier, num_assistant_tokens: length }),
    ),
    ...Object.entries(CHAIN_VERIFIERS).flatMap(([name, verifier]) =>
      CHAINS.map((numChains) =>
        way(`${name}, ${numChains} × ${length}`, {
          ...verifier,
          drafter: "chains",
          num_draft_chains: numChains,
          num_assistant_tokens: length,
        }),
      ),
    ),
  ]);
}

function bildWays(): Way[] {
  const bild = { ...speculative, verifier: "bild", temperature: 0, num_assistant_tokens: 10 };
  return [
    {
      group: "bild",
      workload: "story",
      name: "autoregressive",
      options: { decoder: "autoregressive", temperature: 0 },
    },
    ...FALLBACKS.flatMap((fallback) =>
      ROLLBACKS.map((rollback): Way => {
        const limits = { fallback_threshold: fallback, rollback_threshold: rollback };
        return { group: "bild", workload: "story", name: `${fallback}, ${rollback}`, options: { ...bild, ...limits } };
      }),
    ),
  ];
}

function trigramWays(): Way[] {
  const ways: [name: string, options: Record<string, unknown>][] = [
    ["tri-gram lookup", { drafter: "prompt-lookup", max_matching_ngram_size: 2, num_assistant_tokens: 1 }],
    ["tri-gram lookup, 10 drafts", { drafter: "prompt-lookup", max_matching_ngram_size: 2, num_assistant_tokens: 10 }],
    ["trigram (ADED)", { drafter: "trigram" }],
  ];
  return ["repetition", "story"].flatMap((workload) =>
    ways.map(
      ([name, options]): Way => ({
        group: "trigrams",
        workload,
        name,
        options: { ...speculative, temperature: 0, ...options },
      }),
    ),
  );
}

interface Bed {
  gpu: Gpu;
  target: Model;
  draft: Model;
  folder: Folder;
}

async function count({ options, ...way }: Way, prompts: readonly TokenId[][], bed: Bed): Promise<Accepted> {
  const total = { tokens: 0, forwards: 0, proposed: 0, accepted: 0, nats: 0 };
  const { decoder, ...own } = options;
  for (const promptIds of prompts) {
    const events: GenerationEvent[] = [];
    // Every way writes the asked number of tokens: the end token can't be chosen.
    const asked = { ...own, logit_bias: { 0: -100 }, max_new_tokens: NUM_NEW_TOKENS };
    const { ids, metrics } = await generateOnce(
      { ...bed, decoder: String(decoder), promptIds, options: asked },
      (event) => events.push(event),
    );
    const edits = events.flatMap((event) => (event.type === "start" || event.type === "step" ? event.edits : []));
    for (const { logprob = 0 } of Canvas.replay(edits).completion()) total.nats -= logprob;
    total.tokens += ids.length;
    for (const key of ["forwards", "proposed", "accepted"] as const) total[key] += metrics[key];
  }
  const { nats, ...counts } = total;
  return { ...way, ...counts, nll: nats / total.tokens };
}

/** `bench verifiers`: true when everything was counted. Counts only, so there are no rounds. */
export async function verifiers(): Promise<boolean> {
  const report = beginReport("verifiers", null);
  const folder = await openFolder(path.join(root, "public/models/story-ar"));
  const draftFolder = await openFolder(path.join(root, "public/models/story-draft"));
  const gpu = await openGpu({ software: true });
  const bed = { gpu, folder, target: await loadFolder(gpu, folder), draft: await loadFolder(gpu, draftFolder) };
  const workloads: Record<string, TokenId[][]> = await workloadsOf(bed.target, folder, gpu);
  const results: Accepted[] = [];
  for (const way of [...lawWays(), ...bildWays(), ...trigramWays()]) {
    const result = await count(way, workloads[way.workload].slice(0, NUM_PROMPTS), bed);
    say(`${result.workload}, ${result.name}: ${(result.tokens / result.forwards).toFixed(2)} tokens per forward`);
    results.push(result);
  }
  const full: VerifiersReport = { ...report, adapter: { ...gpu.facts }, versions: {}, results };
  writeReport(full, linesOf(results));
  return true;
}

function linesOf(results: readonly Accepted[]): string[] {
  const of = (group: Accepted["group"]) => results.filter((result) => result.group === group);
  const cells = ({ tokens, forwards, proposed, accepted, nll }: Accepted) => [
    (tokens / forwards).toFixed(2),
    proposed > 0 ? `${((100 * accepted) / proposed).toFixed(0)} %` : "",
    nll.toFixed(2),
  ];
  const head = ["tokens/forward", "accepted", "nats/token"];
  return [
    `\`story-ar\` with \`story-draft\`, ${NUM_PROMPTS} prompts, ${NUM_NEW_TOKENS} tokens each. Tokens per forward of the target, prefill included; accepted of`,
    "all drafts, those of every chain; nats per token of the text under the target's own law.",
    "",
    "## Verifiers at temperature 1, on stories",
    "",
    "Drafts of a chain; or chains × drafts of each.",
    "",
    ...table(
      ["verifier", ...head],
      of("laws").map((result) => [result.name, ...cells(result)]),
    ),
    "",
    "## Big Little Decoder, greedy, on stories",
    "",
    "Fallback threshold (of the draft's probability), rollback threshold (nats); up to 10 drafts.",
    "",
    ...table(
      ["thresholds", ...head],
      of("bild").map((result) => [result.name, ...cells(result)]),
    ),
    "",
    "## Tri-grams, greedy",
    "",
    ...table(
      ["workload", "drafter", ...head],
      of("trigrams").map((result) => [result.workload, result.name, ...cells(result)]),
    ),
  ];
}
