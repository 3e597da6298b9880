import path from "node:path";
import { root } from "../scripts/setup.mjs";
import { loadFolder, openFolder, openGpu } from "../src/cli/models.js";
import { generateOnce } from "../src/cli/run.js";
import { score } from "../src/cli/score.js";
import type { GenerationEvent } from "../src/events.js";
import { beginReport, type Report, round, table, writeReport } from "./report.js";
import { workload } from "./workload.js";

/** Counts of one way to decode, over all prompts. At temperature 0 they are the same in every run. */
export interface Law {
  name: string;
  tokens: number;
  forwards: number;
  /** Kept tokens by main-model forwards after prefill, storing forwards included. */
  tokensPerForward: number;
  /** Tokens committed by a forward, also those past the end that are deleted. */
  commitsPerForward: number;
  /** Nats per token of the completions under `story-ar`. */
  nll: number;
  /** Accepted drafts by proposed ones; null without drafts. */
  acceptance: number | null;
  /** The first prompt's completion. */
  text: string;
}

/** The file that `diffusion` writes. */
export interface DiffusionReport extends Report {
  laws: Law[];
}

const WAYS: readonly { name: string; decoder: string; options: Record<string, unknown> }[] = [
  // At least as many steps as a block is long: one commit a step.
  { name: "block diffusion, one commit a step", decoder: "block-diffusion", options: { denoising_steps: 1_000 } },
  { name: "block diffusion, threshold 0.9", decoder: "block-diffusion", options: { threshold: 0.9 } },
  { name: "block diffusion, threshold 0.5", decoder: "block-diffusion", options: { threshold: 0.5 } },
  { name: "block diffusion, threshold 0.3", decoder: "block-diffusion", options: { threshold: 0.3 } },
  { name: "speculative, 4 draft tokens", decoder: "speculative", options: { num_assistant_tokens: 4 } },
  { name: "autoregressive", decoder: "autoregressive", options: {} },
];

/** Commits in a run: tokens that came to stand on the canvas, also if they were deleted later. */
function numCommits(events: readonly GenerationEvent[]): number {
  const edits = events.flatMap((event) => (event.type === "step" ? event.edits : []));
  return edits.filter((edit) => edit.op !== "delete" && edit.state === "committed").length;
}

/** `bench diffusion`: true when everything was measured. Counts only, so there are no rounds. */
export async function diffusion(): Promise<boolean> {
  const report = beginReport("diffusion", null);
  const { prompts, numNewTokens } = workload.diffusion;
  const folder = (name: string) => openFolder(path.join(root, "public/models", name));
  const folders = {
    ar: await folder("story-ar"),
    draft: await folder("story-draft"),
    diffusion: await folder("story-diffusion"),
  };
  const gpu = await openGpu({ software: true });
  const models = {
    ar: await loadFolder(gpu, folders.ar),
    draft: await loadFolder(gpu, folders.draft),
    diffusion: await loadFolder(gpu, folders.diffusion),
  };
  const laws: Law[] = [];
  for (const { name, decoder, options } of WAYS) {
    const which = decoder === "block-diffusion" ? "diffusion" : "ar";
    const total = { tokens: 0, forwards: 0, commits: 0, nats: 0, proposed: 0, accepted: 0 };
    const texts: string[] = [];
    for (const prompt of prompts) {
      const promptIds = folders.ar.tokenizer?.promptIds(prompt) ?? [];
      const events: GenerationEvent[] = [];
      const { ids, text, metrics } = await generateOnce(
        {
          decoder,
          promptIds,
          options: { ...options, max_new_tokens: numNewTokens, temperature: 0 },
          gpu,
          target: models[which],
          draft: decoder === "speculative" ? models.draft : null,
          folder: folders[which],
        },
        (event) => events.push(event),
      );
      const all = [...promptIds, ...ids];
      const { logprobs = [] } = await score(models.ar, { ids: all, attend: "causal", parents: null, last: 0 });
      for (const logprob of logprobs.slice(promptIds.length - 1)) total.nats -= logprob;
      total.tokens += ids.length;
      total.forwards += metrics.forwards;
      total.commits += numCommits(events);
      total.proposed += metrics.proposed;
      total.accepted += metrics.accepted;
      texts.push(text);
    }
    const law: Law = {
      name,
      tokens: total.tokens,
      forwards: total.forwards,
      tokensPerForward: total.tokens / total.forwards,
      commitsPerForward: total.commits / total.forwards,
      nll: total.nats / total.tokens,
      acceptance: total.proposed > 0 ? total.accepted / total.proposed : null,
      text: texts[0],
    };
    console.error(`bench: ${name}: ${round(law.tokensPerForward)} tokens per forward, ${round(law.nll)} nats`);
    laws.push(law);
  }
  const rows = laws.map((law) => [
    law.name,
    `${law.tokens} / ${law.forwards}`,
    law.tokensPerForward.toFixed(2),
    law.commitsPerForward.toFixed(2),
    law.nll.toFixed(2),
    law.acceptance === null ? "" : law.acceptance.toFixed(2),
  ]);
  const full: DiffusionReport = { ...report, adapter: { ...gpu.facts }, versions: {}, laws };
  writeReport(full, [
    `${prompts.length} prompts, ${numNewTokens} tokens each, temperature 0; counts and likelihoods, no times.`,
    "",
    ...table(
      ["", "tokens / forwards", "tokens per forward", "commits per forward", "nats per token", "accepted"],
      rows,
    ),
    "",
    "Tokens per forward: kept tokens by forwards of the main model after prefill, storing forwards included. Commits also",
    "count tokens of the last block that stand past the asked length. Nats per token: of the completion under `story-ar`.",
  ]);
  return true;
}
