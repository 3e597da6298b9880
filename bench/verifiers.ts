import { readFileSync } from "node:fs";
import path from "node:path";
import { root, say } from "../scripts/setup.mjs";
import { Canvas } from "../src/vocabulary/canvas.js";
import { openNodeDevice } from "../src/backend/webgpu/node/node-gpu.js";
import { type Folder, loadFolder, openFolder } from "../src/runtime/folder.js";
import { fileSource } from "../src/format/file-source.js";
import { generateOnce } from "../src/testing/generate-once.js";
import type { GenerationEvent, TokenId } from "../src/vocabulary/events.js";
import { acceptance, type CountedCosts, predictedSpeedUp, tokensPerForward } from "../src/vocabulary/figures.js";
import type { Gpu } from "../src/backend/webgpu/gpu/device.js";
import type { Model } from "../src/seam/model.js";
import { measureModelCosts } from "../src/backend/timing/model-costs.js";
import { timedGpu } from "../src/backend/webgpu/tuning/timed-gpu.js";
import { type Interval, intervalOf } from "./bootstrap.js";
import { countedCosts, forwardsOf, type Prices } from "./counted-costs.js";
import { bytesOf, ROW_SHARE } from "./gpu-cost.js";
import { beginReport, type Report, round, table, writeReport } from "./report.js";
import { verifierWays, type Way } from "./verifier-ways.js";

const NUM_NEW_TOKENS = 32;
/** Of each model's costs by rows: enough for several rounds of 64 rows on a software adapter. */
const COSTS_BUDGET_MS = 5000;
/** Texts that make the corpus, and tokens of each. */
const CORPUS = { numTexts: 12, numTokens: 128 };

/** One prompt written one way. */
interface Counted {
  tokens: number;
  /** Of the target, prefill included. */
  forwards: number;
  draftForwards: number;
  proposed: number;
  accepted: number;
  /** Of the text under the target's own law. */
  nats: number;
  here: CountedCosts;
  onGpu: CountedCosts;
}

/** What is counted of one way to draft and verify, over all prompts. */
export interface Accepted {
  group: Way["group"];
  name: string;
  tokens: number;
  forwards: number;
  draftForwards: number;
  proposed: number;
  accepted: number;
  tokensPerForward: Interval;
  /** Nats per token of the text under the target's own law. */
  nll: Interval;
  /** Speed by plain decoding's as counts and costs give it, here and on a GPU that is bound by reading weights. */
  predicted: Interval;
  predictedOnGpu: Interval;
}

/** The file that `verifiers` writes. */
export interface VerifiersReport extends Report {
  numPrompts: number;
  prices: Prices;
  results: Accepted[];
}

interface Bed {
  gpu: Gpu;
  target: Model;
  draft: Model;
  folder: Folder;
}

/** Every way writes the asked number of tokens: the end token can't be chosen. */
const ENDLESS = { logit_bias: { 0: -100 } };

const sumOf = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Costs of plain decoding's clock on this device, and of a GPU that reads weights all the time and waits for nothing. */
async function pricesOf({ gpu, target, draft }: Bed): Promise<{ here: Prices; onGpu: Prices }> {
  const own = await measureModelCosts(timedGpu(gpu), target, { budgetMs: COSTS_BUDGET_MS });
  const other = await measureModelCosts(timedGpu(gpu), draft, { budgetMs: COSTS_BUDGET_MS });
  const line = { rows: [1, 2], ratio: [1, 1 + ROW_SHARE] };
  const draftForward = other.forwardMs / own.forwardMs;
  return {
    here: { target: own, draft: other, draftForward, wait: own.waitMs / own.forwardMs },
    onGpu: { target: line, draft: line, draftForward: bytesOf("story-draft") / bytesOf("story-ar"), wait: 0 },
  };
}

/** What the model writes from beginnings that are no prompt here, one text behind the other. */
async function writtenCorpus(bed: Bed, beginnings: readonly string[]): Promise<TokenId[]> {
  const corpus: TokenId[] = [];
  for (let i = 0; i < CORPUS.numTexts; i++) {
    const promptIds = bed.folder.tokenizer?.promptIds(beginnings[i % beginnings.length]) ?? [];
    const options = { ...ENDLESS, temperature: 0.7, seed: 100 + i, max_new_tokens: CORPUS.numTokens };
    const { ids } = await generateOnce({ ...bed, decoder: "autoregressive", promptIds, options }, () => {});
    corpus.push(...promptIds, ...ids);
  }
  return corpus;
}

/** `bench verifiers`: true when everything was counted. Counts, and what measured costs make of them, so there are no rounds. */
export async function verifiers(): Promise<boolean> {
  const report = beginReport("verifiers", null);
  const folder = await openFolder(fileSource(path.join(root, "public/models/story-ar")));
  const draftFolder = await openFolder(fileSource(path.join(root, "public/models/story-draft")));
  const gpu = await openNodeDevice({ software: true });
  const bed: Bed = { gpu, folder, target: await loadFolder(gpu, folder), draft: await loadFolder(gpu, draftFolder) };
  const texts: { prompts: string[]; written: string[] } = JSON.parse(
    readFileSync(path.join(root, "bench/verifiers.json"), "utf8"),
  );
  const prompts = texts.prompts.map((text) => folder.tokenizer?.promptIds(text) ?? []);
  const prices = await pricesOf(bed);
  say("a corpus that the model writes …");
  const corpus = await writtenCorpus(bed, texts.written);
  const forwards = forwardsOf(bed.target, bed.draft);
  const results: Accepted[] = [];
  for (const way of verifierWays(corpus)) {
    const counted: Counted[] = [];
    for (const promptIds of prompts) {
      forwards.take();
      const { decoder, ...own } = way.options;
      const events: GenerationEvent[] = [];
      const options = { ...own, ...ENDLESS, max_new_tokens: NUM_NEW_TOKENS };
      const asked = { ...bed, decoder: String(decoder), promptIds, options };
      const done = await generateOnce(asked, (event) => events.push(event));
      const enqueued = forwards.take();
      const edits = events.flatMap((event) => (event.type === "start" || event.type === "step" ? event.edits : []));
      const nats = sumOf(
        Canvas.replay(edits)
          .completion()
          .map(({ logprob = 0 }) => -logprob),
      );
      const { metrics } = done;
      counted.push({
        tokens: done.ids.length,
        forwards: metrics.forwards,
        draftForwards: metrics.draftForwards,
        proposed: metrics.proposed,
        accepted: metrics.accepted,
        nats,
        here: countedCosts(enqueued, { events, done, prices: prices.here, readsDrafts: way.readsDrafts === true }),
        onGpu: countedCosts(enqueued, { events, done, prices: prices.onGpu, readsDrafts: way.readsDrafts === true }),
      });
    }
    const result = resultOf(way, counted);
    say(`${result.group}, ${result.name}: ${round(result.tokensPerForward.value)} tokens per forward`);
    results.push(result);
  }
  const full: VerifiersReport = {
    ...report,
    adapter: { ...gpu.facts },
    versions: {},
    numPrompts: prompts.length,
    prices: prices.here,
    results,
  };
  writeReport(full, linesOf(full));
  return true;
}

function resultOf({ group, name }: Way, counted: readonly Counted[]): Accepted {
  const count =
    (key: "tokens" | "forwards" | "draftForwards" | "proposed" | "accepted" | "nats") => (of: typeof counted) =>
      sumOf(of.map((one) => one[key]));
  const costs = (which: "here" | "onGpu") => (of: typeof counted) => {
    const total = (key: keyof CountedCosts) => sumOf(of.map((one) => one[which][key]));
    const all = { verifying: total("verifying"), drafting: total("drafting"), waiting: total("waiting") };
    return predictedSpeedUp({ tokens: total("tokens"), ...all }) ?? 0;
  };
  return {
    group,
    name,
    tokens: count("tokens")(counted),
    forwards: count("forwards")(counted),
    draftForwards: count("draftForwards")(counted),
    proposed: count("proposed")(counted),
    accepted: count("accepted")(counted),
    tokensPerForward: intervalOf(counted, (of) => tokensPerForward(count("tokens")(of), count("forwards")(of)) ?? 0),
    nll: intervalOf(counted, (of) => count("nats")(of) / count("tokens")(of)),
    predicted: intervalOf(counted, costs("here")),
    predictedOnGpu: intervalOf(counted, costs("onGpu")),
  };
}

/** `value (low to high)`. */
const show = ({ value, low, high }: Interval) => `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

function linesOf({ results, numPrompts, prices }: VerifiersReport): string[] {
  const rowsOf = (group: Way["group"]) =>
    results
      .filter((result) => result.group === group)
      .map((result) => [
        result.name,
        show(result.tokensPerForward),
        (result.draftForwards / result.tokens).toFixed(2),
        result.proposed > 0 ? `${(100 * (acceptance(result.accepted, result.proposed) ?? 0)).toFixed(0)} %` : "",
        show(result.nll),
        show(result.predicted),
        show(result.predictedOnGpu),
        verdictOf(result),
      ]);
  const head = (what: string) => [
    what,
    "tokens/forward",
    "draft forwards a token",
    "accepted",
    "nats/token",
    "predicted here",
    "predicted, GPU",
    "pays",
  ];
  const { target, draftForward, wait } = prices;
  const curve = target.rows.map((numRows, i) => `v(${numRows}) ${round(target.ratio[i])}`).join(", ");
  return [
    `\`story-ar\` with \`story-draft\`, ${numPrompts} prompts, ${NUM_NEW_TOKENS} tokens each; in brackets where 95 % of other prompts' figures lie`,
    "(bootstrap over prompts). Figures as docs/figures.md defines them; nats per token of the text under the target's own law.",
    "Predicted: speed by plain decoding's, as the counts behind the first step and the costs of this adapter give it",
    `(${curve}; a draft model's forward of one row ${round(draftForward)}; a wait ${round(wait)}), and of a GPU where M rows cost 1 + ${ROW_SHARE} (M - 1),`,
    "a draft model's forward its share of bytes, and nothing is waited for. Pays: where the interval lies above 1.",
    "",
    "## Verifiers at temperature 1",
    "",
    "Drafts of a chain; or chains × drafts of each. `block` stands beside SpecTr's `kseq`.",
    "",
    ...table(head("verifier"), rowsOf("laws")),
    "",
    "## Big Little Decoder, greedy",
    "",
    "Fallback threshold (of the draft's probability), rollback threshold (nats); up to 10 drafts, handing over as published unless it",
    "says discard. Last: the target's own text by `coupling`, with drafts that end where the draft model is as unsure.",
    "",
    ...table(head("thresholds"), rowsOf("bild")),
    "",
    "## Tri-grams, greedy",
    "",
    `Corpus: ${CORPUS.numTexts} texts of ${CORPUS.numTokens} tokens that \`story-ar\` wrote at temperature 0.7 from other beginnings.`,
    "",
    ...table(head("drafter"), rowsOf("trigrams")),
  ];
}

function verdictOf({ predicted, predictedOnGpu }: Accepted): string {
  const here = predicted.low > 1;
  const onGpu = predictedOnGpu.low > 1;
  return here && onGpu ? "both" : here ? "here" : onGpu ? "GPU" : "no";
}
