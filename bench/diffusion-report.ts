import type { Way } from "../src/frontier-recording.js";
import { ROW_SHARE } from "./gpu-cost.js";
import { plot } from "./kernels/plot.js";
import { type Report, table, writeReport } from "./report.js";
import { workload } from "./workload.js";

/** What is recorded of one way to decode. */
export interface Law extends Way {
  /** Tokens committed by a forward, also those past the end that are deleted. */
  commitsPerForward: number;
  /** Accepted drafts by proposed ones; null without drafts. */
  acceptance: number | null;
}

/** The file that `diffusion` writes. */
export interface DiffusionReport extends Report {
  laws: Law[];
}

/** Prompts that are written autoregressively beside each way, for the time. */
export const TIMED_PROMPTS = 2;

/** Writes the report as data, table and plot. */
export function writeDiffusionReport(report: DiffusionReport): void {
  const { laws } = report;
  const { prompts, numNewTokens } = workload.diffusion;
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
  writeReport(report, lines, [{ title: "quality by speed", suffix: "", svg: drawFrontier(laws) }]);
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
