import path from "node:path";
import { root } from "../scripts/setup.mjs";
import { openNodeDevice } from "../src/backend/webgpu/node/node-gpu.js";
import { loadFolder, openFolder } from "../src/runtime/folder.js";
import { fileSource } from "../src/format/file-source.js";
import { generateOnce } from "../src/testing/generate-once.js";
import { score } from "../src/decode/likelihood/score.js";
import type { GenerationEvent, TokenId } from "../src/vocabulary/events.js";
import type { Model } from "../src/seam/model.js";
import type { Session } from "../src/seam/session.js";
import { bytesOf, ROW_SHARE } from "./gpu-cost.js";
import { plot } from "./kernels/plot.js";
import { beginReport, type Report, round, table, writeReport } from "./report.js";
import { workload } from "./workload.js";

/** Counts of one way to decode, over all prompts. At temperature 0 they are the same in every run. */
export interface Law {
  name: string;
  /** The commit rule, for ways that have one. */
  rule: string | null;
  tokens: number;
  forwards: number;
  /** Of the model that drafts or weighs candidates. */
  otherForwards: number;
  /** Kept tokens by main-model forwards after prefill, storing forwards included. */
  tokensPerForward: number;
  /** Tokens committed by a forward, also those past the end that are deleted. */
  commitsPerForward: number;
  /** Nats per token of the completions under `story-ar`. */
  nll: number;
  /** Nats per byte of the completions under `stories260k`, which wrote none of them. */
  nllPerByte: number;
  /** Different pairs of neighbouring tokens by all pairs, over the completions. */
  distinct2: number;
  /** Accepted drafts by proposed ones; null without drafts. */
  acceptance: number | null;
  /** Time of autoregressive text by this way's, of the first prompts, each written both ways in turn. */
  speedup: number;
  /** The same from the counts of all prompts, where M rows of a forward cost 1 + 0.02 (M - 1), other models' by their bytes. */
  speedupOfGpu: number;
  /** The first prompt's completion. */
  text: string;
}

/** The file that `diffusion` writes. */
export interface DiffusionReport extends Report {
  laws: Law[];
}

interface Way {
  name: string;
  decoder: string;
  rule: string | null;
  options: Record<string, unknown>;
  /** The second model; default: `draft` for speculative, else `ar`. */
  second?: "ar" | "draft" | "diffusion";
}

/** A commit rule at several values of its knob. */
function ways(rule: string, knob: string, values: readonly number[], more: Record<string, unknown> = {}): Way[] {
  return values.map((value) => ({
    name: `${rule}, ${knob} ${value}`,
    decoder: "block-diffusion",
    rule,
    options: { commit_rule: rule, [knob]: value, ...more },
  }));
}

/** Drawn at temperature 1, in so many steps, the best of so many fillings by `story-ar`, or by `story-draft`. */
function weighed(denoising_steps: number, energy_candidates: number, second: "ar" | "draft" = "ar"): Way {
  const by = energy_candidates === 1 ? "" : ` by story-${second}`;
  return {
    name: `drawn, ${denoising_steps} steps, ${energy_candidates} candidates${by}`,
    decoder: "block-diffusion",
    rule: null,
    options: { denoising_steps, energy_candidates, temperature: 1, seed: 1 },
    second,
  };
}

/** Drafts of the diffusion model, of which `story-ar` keeps what their product draws with this share of the former. */
function product(diffusion_share: number): Way {
  const drafting = { drafter: "block-diffusion", verifier: "product", num_assistant_tokens: 4 };
  return {
    name: `product, diffusion_share ${diffusion_share}`,
    decoder: "speculative",
    rule: "product",
    options: { ...drafting, diffusion_share },
    second: "diffusion",
  };
}

const PLAIN: Way = { name: "autoregressive", decoder: "autoregressive", rule: null, options: {} };

const WAYS: readonly Way[] = [
  { name: "quota, one a step", decoder: "block-diffusion", rule: "quota", options: { commit_rule: "quota" } },
  ...ways("quota", "denoising_steps", [6, 4, 2, 1]),
  ...ways("threshold", "threshold", [0.9, 0.7, 0.5, 0.3, 0.1]),
  ...ways("factor", "factor", [0.25, 0.5, 1, 1.5]),
  ...ways("entropy_bound", "entropy_bound", [0.1, 0.5, 1, 2, 4]),
  ...ways("klass", "threshold", [0.9, 0.6, 0.3, 0.1], { kl_threshold: 0.1, kl_history: 1 }),
  ...ways("wedlm", "entropy_threshold", [0.3, 0.6, 1.2, 2.4]),
  ...ways("hierarchy", "low_threshold", [0.6, 0.4, 0.2, 0.1]),
  ...ways("credit", "threshold", [0.9, 0.5, 0.3]),
  ...ways("remdm", "eta", [0.1, 0.3], { denoising_steps: 8 }),
  ...ways("p2", "denoising_steps", [6, 4, 3]),
  ...ways("mask_predict", "denoising_steps", [6, 4, 3]),
  ...[1, 2, 4, 8].map((count) => weighed(3, count)),
  ...[1, 4].map((count) => weighed(6, count)),
  // At equal quality: one a step without a second model, and fewer steps whose fillings the small one weighs.
  weighed(8, 1),
  ...[8, 6, 4, 3].flatMap((steps) => [4, 8].map((count) => weighed(steps, count, "draft"))),
  ...[0, 0.2, 0.4, 0.6, 0.8, 1].map(product),
  {
    name: "speculative, 4 draft tokens",
    decoder: "speculative",
    rule: null,
    options: { num_assistant_tokens: 4 },
  },
  PLAIN,
];

/** Commits in a run: tokens that came to stand on the canvas, also if they were deleted later. */
function numCommits(events: readonly GenerationEvent[]): number {
  const edits = events.flatMap((event) => (event.type === "step" ? event.edits : []));
  return edits.filter((edit) => edit.op !== "delete" && edit.state === "committed").length;
}

/** Prompts that are written autoregressively beside each way, for the time. */
const TIMED_PROMPTS = 2;
/** Has a model's sessions counted: the cost of all their forwards since it was last asked, in forwards of one row. */
function costsOf(model: Model): () => number {
  const sessions: Session[] = [];
  const make = model.session.bind(model);
  model.session = () => {
    const session = make();
    sessions.push(session);
    return session;
  };
  return () => {
    const counts = sessions.splice(0).map((session) => session.counts);
    return counts.reduce((sum, { forwards, rows }) => sum + forwards + ROW_SHARE * (rows - forwards), 0);
  };
}

/** `bench diffusion`: true when everything was measured. Counts but for one column, so there are no rounds. */
export async function diffusion(): Promise<boolean> {
  const report = beginReport("diffusion", null);
  const { prompts, numNewTokens } = workload.diffusion;
  const folder = (name: string) => openFolder(fileSource(path.join(root, "public/models", name)));
  const folders = {
    ar: await folder("story-ar"),
    draft: await folder("story-draft"),
    diffusion: await folder("story-diffusion"),
  };
  const gpu = await openNodeDevice({ software: true });
  const judge = await folder("stories260k");
  const judgeModel = await loadFolder(gpu, judge);
  const models = {
    ar: await loadFolder(gpu, folders.ar),
    draft: await loadFolder(gpu, folders.draft),
    diffusion: await loadFolder(gpu, folders.diffusion),
  };
  const write = (
    { decoder, options, second = decoder === "speculative" ? "draft" : "ar" }: Way,
    promptIds: readonly TokenId[],
    emit: (event: GenerationEvent) => void,
  ) =>
    generateOnce(
      {
        decoder,
        promptIds,
        options: { temperature: 0, ...options, max_new_tokens: numNewTokens },
        gpu,
        target: models[decoder === "block-diffusion" ? "diffusion" : "ar"],
        draft: models[second],
        folder: folders[decoder === "block-diffusion" ? "diffusion" : "ar"],
      },
      emit,
    );
  const costs = { ar: costsOf(models.ar), draft: costsOf(models.draft), diffusion: costsOf(models.diffusion) };
  /** In forwards of one row of `story-ar`. */
  const cost = () =>
    costs.ar() +
    (costs.draft() * bytesOf("story-draft") + costs.diffusion() * bytesOf("story-diffusion")) / bytesOf("story-ar");
  /** Nats of a text's ids under a causal model, all but the first. */
  const natsOf = async (model: Model, ids: readonly TokenId[]) => {
    const { logprobs = [] } = await score(model, { ids, attend: "causal", parents: null, last: 0 });
    return logprobs.map((logprob) => -logprob);
  };
  const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const laws: Law[] = [];
  for (const way of WAYS) {
    const { name, rule } = way;
    const total = {
      cost: 0,
      plainCost: 0,
      plainTokens: 0,
      ms: 0,
      timedTokens: 0,
      plainMs: 0,
      tokens: 0,
      forwards: 0,
      commits: 0,
      nats: 0,
      judged: 0,
      bytes: 0,
      proposed: 0,
      accepted: 0,
      other: 0,
    };
    const pairs = new Set<string>();
    const texts: string[] = [];
    for (const [i, prompt] of prompts.entries()) {
      const promptIds = folders.ar.tokenizer?.promptIds(prompt) ?? [];
      const events: GenerationEvent[] = [];
      cost();
      const { ids, text, metrics } = await write(way, promptIds, (event) => events.push(event));
      total.cost += cost();
      if (i < TIMED_PROMPTS) {
        const plain = await write(PLAIN, promptIds, () => undefined);
        total.plainCost += cost();
        total.plainTokens += plain.ids.length;
        total.plainMs += plain.metrics.ownMs;
        total.timedTokens += ids.length;
        total.ms += metrics.ownMs;
      }
      const all = [...promptIds, ...ids];
      total.nats += sumOf((await natsOf(models.ar, all)).slice(promptIds.length - 1));
      const judged = async (whole: string) => sumOf(await natsOf(judgeModel, judge.tokenizer?.promptIds(whole) ?? []));
      total.judged += (await judged(prompt + text)) - (await judged(prompt));
      total.bytes += new TextEncoder().encode(text).length;
      for (let i = 1; i < ids.length; i++) pairs.add(`${ids[i - 1]} ${ids[i]}`);
      total.tokens += ids.length;
      total.forwards += metrics.forwards;
      total.other += metrics.draftForwards;
      total.commits += numCommits(events);
      total.proposed += metrics.proposed;
      total.accepted += metrics.accepted;
      texts.push(text);
    }
    const law: Law = {
      name,
      rule,
      tokens: total.tokens,
      forwards: total.forwards,
      otherForwards: total.other,
      tokensPerForward: total.tokens / total.forwards,
      commitsPerForward: total.commits / total.forwards,
      nll: total.nats / total.tokens,
      nllPerByte: total.judged / total.bytes,
      distinct2: pairs.size / (total.tokens - prompts.length),
      acceptance: total.proposed > 0 ? total.accepted / total.proposed : null,
      speedup: total.plainMs / total.plainTokens / (total.ms / total.timedTokens),
      speedupOfGpu: total.plainCost / total.plainTokens / (total.cost / total.tokens),
      text: texts[0],
    };
    console.error(`bench: ${name}: ${round(law.tokensPerForward)} tokens per forward, ${round(law.nll)} nats`);
    laws.push(law);
  }
  const rows = laws.map((law) => [
    law.name,
    `${law.tokens} / ${law.forwards}`,
    law.otherForwards > 0 ? String(law.otherForwards) : "",
    law.tokensPerForward.toFixed(2),
    law.commitsPerForward.toFixed(2),
    law.nll.toFixed(2),
    law.nllPerByte.toFixed(3),
    law.distinct2.toFixed(2),
    law.acceptance === null ? "" : law.acceptance.toFixed(2),
    law.speedup.toFixed(2),
    law.speedupOfGpu.toFixed(2),
  ]);
  const full: DiffusionReport = { ...report, adapter: { ...gpu.facts }, versions: {}, laws };
  const headings = [
    "",
    "tokens / forwards",
    "of another model",
    "tokens per forward",
    "commits per forward",
    "nats per token",
  ];
  const lines = [
    `${prompts.length} prompts, ${numNewTokens} tokens each, temperature 0 unless drawn. Counts and likelihoods but for one column.`,
    "",
    ...table([...headings, "nats per byte", "distinct-2", "accepted", "speed here", "on a GPU"], rows),
    "",
    "Of another model: forwards of `story-draft` that draft, of `story-diffusion` that draft for a product (as dear as the main",
    "model's), or of `story-ar` or `story-draft` that weigh candidates (EDLM, at temperature 1; 8 steps of a block of 8 are one a step).",
    "Tokens per forward: kept tokens by forwards of the main model after prefill, storing forwards included. Commits also",
    "count tokens of the last block that stand past the asked length. Nats per token: of the completion under `story-ar`;",
    "per byte: under `stories260k`. Distinct-2: different pairs of neighbouring tokens by all pairs.",
    `Speed here: autoregressive time per token by this way's, of the first ${TIMED_PROMPTS} prompts, written in turn. On a GPU: the same from`,
    `the counts of all prompts, where M rows cost 1 + ${ROW_SHARE} (M - 1), and another model's by its bytes.`,
    `klass: kl_threshold 0.1, kl_history 1. Blocks of 8. Ways over ${MAX_NATS} nats per token aren't in the plot.`,
  ];
  writeReport(full, lines, [{ title: "quality by speed", suffix: "", svg: drawFrontier(laws) }]);
  return true;
}

/** What is worse than this is left out of the plot, so that the rest can be told apart. */
const MAX_NATS = 3;

/** Nats per token by tokens per forward, a colour for each commit rule. */
function drawFrontier(laws: readonly Law[]): string {
  const rules = [...new Set(laws.flatMap(({ rule }) => rule ?? []))];
  const series = rules.map((rule) => ({
    name: rule,
    isLine: false,
    points: laws
      .filter((law) => law.rule === rule && law.nll <= MAX_NATS)
      .map((law) => [law.tokensPerForward, law.nll] as const),
  }));
  const words = { title: "Block diffusion: quality by speed", x: "tokens per forward", y: "nats per token (story-ar)" };
  return plot(words, series);
}
