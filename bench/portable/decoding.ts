import type { Architecture } from "../../src/architecture/architecture.js";
import type { CostCurve } from "../../src/seam/cost-curve.js";
import type { MatmulFamilyName } from "../../src/backend/webgpu/ops/variants.js";
import { PRODUCTS } from "../../src/backend/webgpu/plan/layer.js";
import type { WebGpuModel } from "../../src/backend/webgpu/session/webgpu-model.js";
import { measureModelCosts } from "../../src/backend/timing/model-costs.js";
import { timedGpu } from "../../src/backend/webgpu/tuning/timed-gpu.js";
import { generateOnce } from "../../src/testing/generate-once.js";
import { bytesOf, workOf } from "../kernels/work.js";
import { round, showSpread, table } from "../report.js";
import type { AdapterData } from "./adapter.js";
import type { Context } from "./section.js";

/** For v(M), beside compiling. */
const BUDGET_MS = { software: 12_000, gpu: 1500 };
const NUM_PROMPT = 32;

/** How fast a model writes greedy text, by what the device can move. */
export interface Decoding {
  model: string;
  family: MatmulFamilyName;
  numTokens: number;
  tokensPerSecond: number[];
  dispatchesPerToken: number;
  /** Weights, cache and activations of a token, each once. */
  bytesPerToken: number;
  /** Tokens/s of a device that moved those as fast as it copies; null where that wasn't measured. */
  limit: number | null;
  modelBytes: number;
  costs: CostCurve;
}

/** Times a loaded model: text of so many tokens behind 32, then v(M). */
export async function timeDecoding(
  { gpu, rounds, earlier, say }: Context,
  model: WebGpuModel,
  { name, architecture, numTokens }: { name: string; architecture: Architecture; numTokens: number },
): Promise<Decoding> {
  const { vocabSize } = architecture;
  const asked = {
    decoder: "autoregressive",
    promptIds: Array.from({ length: NUM_PROMPT }, (_, i) => (i * 7919 + 5) % vocabSize),
    options: { max_new_tokens: numTokens, temperature: 0, logit_bias: endless(architecture) },
    gpu,
    target: model,
    draft: null,
    folder: { tokenizer: null },
  };
  const tokensPerSecond: number[] = [];
  let dispatchesPerToken = 0;
  for (let i = 0; i <= rounds; i++) {
    say(`${name}, round ${i} of ${rounds}`);
    const { metrics } = await generateOnce(asked, () => {});
    if (i > 0) tokensPerSecond.push(metrics.tokensPerSecond);
    dispatchesPerToken = metrics.dispatches / metrics.forwards;
  }
  say(`${name}, v(M)`);
  const budgetMs = BUDGET_MS[gpu.facts.isSoftware ? "software" : "gpu"];
  const costs = await measureModelCosts(timedGpu(gpu), model, { budgetMs });
  const modelBytes = model.transformer.arena.ownByteLength;
  const weightBytes = storedBytes(model, architecture);
  const bytesPerToken = bytesOf(workOf(architecture, 1, { weightBytes, numKept: NUM_PROMPT }));
  const copied = (earlier.adapter as AdapterData | undefined)?.measured.copyBytesPerSecond;
  return {
    model: name,
    family: model.transformer.variants.family,
    numTokens,
    tokensPerSecond,
    dispatchesPerToken,
    bytesPerToken,
    limit: copied ? copied / bytesPerToken : null,
    modelBytes,
    costs,
  };
}

/** No text ends by itself. */
export function endless({ eosTokens }: Pick<Architecture, "eosTokens">): Record<string, number> {
  return Object.fromEntries(eosTokens.map((id) => [id, -100]));
}

/** Bytes of a weight as it lies on the device, the scales of rounded ones among them; all of a model's matrices together. */
function storedBytes({ transformer }: WebGpuModel, architecture: Architecture): number {
  const numWeights = workOf(architecture, 1, { weightBytes: 1, numKept: 0 }).weightBytes;
  const layers = transformer.products.flatMap((products) => PRODUCTS.map((name) => products[name].w));
  const matrices = [...layers, ...transformer.outputMatrix];
  return matrices.reduce((sum, { buffer, scales }) => sum + buffer.size + (scales?.size ?? 0), 0) / numWeights;
}

/** Markdown of what was timed. */
export function decodingLines(all: readonly Decoding[]): string[] {
  const mebi = (bytes: number) => round(bytes / 2 ** 20);
  const rows = all.map((one) => [
    one.model,
    one.family,
    showSpread(one.tokensPerSecond),
    one.limit === null ? "" : round(one.limit),
    one.limit === null ? "" : `${Math.round((100 * middle(one.tokensPerSecond)) / one.limit)} %`,
    round(one.dispatchesPerToken),
    mebi(one.bytesPerToken),
    mebi(one.modelBytes),
  ]);
  const counts = all[0]?.costs.rows ?? [];
  const costs = all.map(({ model, costs: { ratio, numMeasured, forwardMs, waitMs } }) => [
    model,
    round(forwardMs),
    ...ratio.map((cost, i) => (i < numMeasured ? round(cost) : `(${round(cost)})`)),
    round(waitMs),
  ]);
  return [
    `Greedy text of ${[...new Set(all.map(({ numTokens }) => numTokens))].join(" or ")} tokens behind ${NUM_PROMPT}, by the engine's own clock. The limit is what a device would write`,
    "that moved a token's weights, cache and activations as fast as the adapter copies; a software adapter is bound by arithmetic instead.",
    "",
    ...table(
      ["model", "kernels", "tokens/s", "limit by copying", "share", "dispatches a token", "MiB a token", "model, MiB"],
      rows,
    ),
    "",
    "v(M): a forward of M rows, all logits, by one of one row; in brackets what wasn't measured. A wait: for a result, nothing else to do.",
    "",
    ...table(["model", "one row, ms", ...counts.map((count) => `v(${count})`), "a wait, ms"], costs),
  ];
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
