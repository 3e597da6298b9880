import { readFileSync } from "node:fs";
import path from "node:path";
import { root, say } from "../scripts/setup.mjs";
import { openNodeDevice } from "../src/backend/webgpu/node/node-gpu.js";
import { type Folder, loadFolder, openFolder } from "../src/runtime/folder.js";
import { fileSource } from "../src/format/file-source.js";
import { generateOnce } from "../src/testing/generate-once.js";
import type { Gpu } from "../src/backend/webgpu/gpu/device.js";
import type { Model } from "../src/seam/model.js";
import { threefry2x32 } from "../src/sampling/noise.js";
import { type BenchBrowser, type BenchTab, openBrowser } from "./browser.js";
import { rotated } from "./compare.js";
import { bytesOf, ROW_SHARE } from "./gpu-cost.js";
import { spreadOf } from "../src/runtime/spread.js";
import type { DraftingCosts, Sample, Sampling, TriptychDevice } from "./page/contender.js";
import { beginReport, type Report, round, showSpread, table, writeReport } from "./report.js";

/** As many as show what a drafter is worth, and as few as let ten prompts a workload be timed within minutes. */
const NUM_NEW_TOKENS = 48;
/** Tokens of a text that is repeated. */
const REPEATED_TOKENS = 96;
/** A ratio above what its counts and costs allow by more than that was disturbed. */
const SLACK = 1.05;
// Every way writes the asked number of tokens: the end token can't be chosen.
const ENDLESS = { logit_bias: { 0: -100 }, temperature: 0 };

/** One way to write: options of `speculative`; the first is plain decoding. */
interface Way {
  name: string;
  options: Sampling;
  /** Timed in the first round alone: what it drafts is the same in each, and it is no candidate for the fastest. */
  once?: true;
}

const fixed = (drafter: string, options: Sampling = {}): Way => ({
  name: [drafter, ...Object.values(options)].join(", "),
  options: { decoder: "speculative", drafter, ...options },
  once: true,
});

/** With costs that the worker measures before the first such run. */
const adaptive = (drafter: string): Way => ({
  name: `${drafter}, adaptive`,
  options: { decoder: "speculative", drafter, num_assistant_tokens: 7, num_assistant_tokens_schedule: "adaptive" },
});

// Plain decoding is timed once in each round, for all. The model's comes next: it tells what a draft costs.
const WAYS: readonly Way[] = [
  { name: "autoregressive", options: {} },
  adaptive("model"),
  adaptive("prompt-lookup"),
  adaptive("suffix"),
  { ...adaptive("device-lookup"), once: true },
];
/** With `--all` besides. */
const FIXED_WAYS: readonly Way[] = [
  fixed("model", { num_assistant_tokens: 4 }),
  fixed("tree"),
  fixed("suffix", { num_assistant_tokens: 4 }),
];

/** Sums over all runs of a way on a workload, and its time by plain decoding's in each round. */
export interface WayResult {
  workload: string;
  way: string;
  tokens: number;
  forwards: number;
  draftForwards: number;
  waits: number;
  proposed: number;
  accepted: number;
  /** Plain decoding's time by this way's, of each round's ten prompts; null where counts and costs can't give it. */
  speedup: (number | null)[];
  /** The same as the way itself predicts it, where it goes by measured costs. */
  predicted: number[];
  /** The most that counts and costs allow. */
  largest: number[];
  /** The same at the costs of a GPU that is bound by reading weights, from the counts. */
  speedupOfGpu: number;
  equalIds: boolean;
}

/** The file that `speculation` writes. */
export interface SpeculationReport extends Report, Measured {}

/** Ids of ten prompts for each workload. */
export async function workloadsOf(target: Model, folder: Folder, gpu: Gpu) {
  const { stories }: { stories: string[] } = JSON.parse(
    readFileSync(path.join(root, "bench/speculation.json"), "utf8"),
  );
  const { vocabSize } = target.capabilities;
  const story = stories.map((text) => folder.tokenizer?.promptIds(text) ?? []);
  const repetition: number[][] = [];
  for (const promptIds of story) {
    const options = { ...ENDLESS, max_new_tokens: REPEATED_TOKENS };
    const asked = { decoder: "autoregressive", promptIds, options, gpu, target, draft: null, folder };
    const { ids } = await generateOnce(asked, () => {});
    // The text once, and its beginning again.
    repetition.push([...promptIds, ...ids, ...promptIds.slice(1)]);
  }
  const random = story.map((_, i) =>
    Array.from({ length: 32 }, (_, j) => 2 + (threefry2x32(1, 2, i, j)[0] % (vocabSize - 2))),
  );
  return { repetition, story, random };
}

interface Runs {
  samples: Sample[][];
}

/** Every way in turn within each round, on all prompts; the order shifts by one every round. */
async function timeWays(tab: BenchTab, ways: readonly Way[], prompts: readonly number[][], numRounds: number) {
  const runs = new Map<Way, Runs>(ways.map((way) => [way, { samples: [] }]));
  for (const way of ways) await tab.generate("ours", prompts[0], NUM_NEW_TOKENS, { ...ENDLESS, ...way.options });
  for (let index = 0; index < numRounds; index++) {
    const due = ways.filter(({ once }) => !once || index === 0);
    const samples = new Map<Way, Sample[]>(due.map((way) => [way, []]));
    // Prompt by prompt, so that what the machine does otherwise meets all ways alike.
    for (const [i, promptIds] of prompts.entries()) {
      for (const way of rotated(due, index + i)) {
        samples.get(way)?.push(await tab.generate("ours", promptIds, NUM_NEW_TOKENS, { ...ENDLESS, ...way.options }));
      }
    }
    for (const [way, own] of samples) runs.get(way)?.samples.push(own);
    say(`  round ${index + 1} of ${numRounds}`);
  }
  return runs;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const msOf = (samples: readonly Sample[]) =>
  sum(samples.map(({ workerTokensPerSecond = 1 }) => 1000 / workerTokensPerSecond));

/** Of a round's runs, if all say something: the ratio of their summed times, as for measured ones. */
function ofRound(values: readonly (number | undefined)[]): number[] {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? [known.length / sum(known.map((value) => 1 / value))] : [];
}

/** A measured ratio, unless it is more than its counts and costs allow: then other work slowed what it is compared with. */
export function checkedRatio(ratio: number, largest: number | undefined): number | null {
  return largest !== undefined && ratio > largest * SLACK ? null : ratio;
}

function resultsOf(workload: string, runs: ReadonlyMap<Way, Runs>, draftShare: number): WayResult[] {
  const [plain] = runs.values();
  return [...runs].map(([{ name: way }, { samples }]) => {
    const all = samples.flat();
    const count = (key: keyof NonNullable<Sample["counts"]>) => sum(all.map(({ counts }) => counts?.[key] ?? 0));
    const [forwards, draftForwards, proposed] = [count("forwards"), count("draftForwards"), count("proposed")];
    const tokens = sum(all.map(({ ids }) => ids.length));
    const largest = samples.flatMap((round) => ofRound(round.map((sample) => sample.largest)));
    return {
      workload,
      way,
      tokens,
      forwards,
      draftForwards,
      waits: count("waits"),
      proposed,
      accepted: count("accepted"),
      speedup: samples.map((round, i) => checkedRatio(msOf(plain.samples[i]) / msOf(round), largest[i])),
      predicted: samples.flatMap((round) => ofRound(round.map(({ predicted }) => predicted))),
      largest,
      speedupOfGpu: tokens / (forwards + ROW_SHARE * proposed + draftShare * draftForwards),
      equalIds: samples.every((round, i) =>
        round.every(({ ids }, j) => String(ids) === String(plain.samples[i][j].ids)),
      ),
    };
  });
}

/** What ways are worth on each workload, and the costs that they went by. */
export interface Measured {
  costs: DraftingCosts | null;
  results: WayResult[];
}

/** Which ways, where, how often. */
interface Measuring {
  numRounds: number;
  isWhole?: boolean;
  device: TriptychDevice;
}

/** Times all ways on all workloads, in a page of their own. */
export async function measureSpeculation(
  browser: Pick<BenchBrowser, "openTab">,
  { numRounds, isWhole = false, device }: Measuring,
): Promise<Measured & { facts: Gpu["facts"] }> {
  const folder = await openFolder(fileSource(path.join(root, "public/models/story-ar")));
  const gpu = await openNodeDevice({ software: true });
  const target = await loadFolder(gpu, folder);
  const ways = isWhole ? [...WAYS, ...FIXED_WAYS] : WAYS;
  say("texts to repeat, in Node …");
  const workloads = await workloadsOf(target, folder, gpu);
  const tab = await browser.openTab();
  const results: WayResult[] = [];
  let costs: DraftingCosts | null = null;
  const [url, draftUrl] = ["/models/story-ar/", "/models/story-draft/"];
  await tab.load("ours", { runtime: "triptych", url, draftUrl, device });
  for (const [name, prompts] of Object.entries(workloads)) {
    say(`${name} …`);
    const runs = await timeWays(tab, ways, prompts, numRounds);
    const known = [...runs.values()].flatMap(({ samples }) => samples.flat().map((sample) => sample.costs));
    costs ??= known.find((one) => one?.draft != null) ?? null;
    results.push(...resultsOf(name, runs, draftShare()));
  }
  return { costs, results, facts: gpu.facts };
}

const draftShare = () => bytesOf("story-draft") / bytesOf("story-ar");

/** `bench speculation`; `isWhole`: fixed draft lengths too. True when everything was measured and every text is plain decoding's. */
export async function speculation(numRounds: number, isWhole = false): Promise<boolean> {
  const report = beginReport("speculation", numRounds);
  const browser = await openBrowser();
  try {
    const { facts, ...measured } = await measureSpeculation(browser, { numRounds, isWhole, device: "webgpu" });
    const full: SpeculationReport = {
      ...report,
      adapter: { ...facts },
      versions: { chromium: browser.version },
      ...measured,
    };
    writeReport(full, [...renderSpeculation(measured), "", "For the README:", "", ...readmeTable(measured.results)]);
    return measured.results.every(({ equalIds }) => equalIds);
  } finally {
    await browser.close();
  }
}

/** The part of a report on what ways are worth. */
export function renderSpeculation({ results, costs }: Measured): string[] {
  const rows = results.map((result) => {
    const speedup = result.speedup.filter((ratio) => ratio !== null);
    const numFlagged = result.speedup.length - speedup.length;
    return [
      result.workload,
      result.way,
      (result.tokens / result.forwards).toFixed(2),
      result.proposed > 0 ? `${((100 * result.accepted) / result.proposed).toFixed(0)} %` : "",
      (speedup.length > 0 ? showSpread(speedup) : "") + (numFlagged > 0 ? ` ${numFlagged} flagged` : ""),
      result.predicted.length > 0 ? showSpread(result.predicted) : "",
      result.largest.length > 0 ? showSpread(result.largest) : "",
      result.speedupOfGpu.toFixed(2),
      result.equalIds ? "yes" : "NO",
    ];
  });
  const forward = Object.entries(costs?.forward ?? {}).map(([numRows, cost]) => `v(${numRows}) ${round(cost)}`);
  return [
    `\`story-ar\` with \`story-draft\`, greedy, ${NUM_NEW_TOKENS} tokens, all of ten prompts a round, in Chromium. Repetition: a text of`,
    `${REPEATED_TOKENS} tokens that the model wrote, then its beginning again; story: first words of a story; random: 32 random ids.`,
    "device-lookup, and lengths that aren't adaptive (`--all`), are timed in the first round alone.",
    "",
    ...table(
      [
        "workload",
        "drafter",
        "tokens/forward",
        "accepted",
        "speed by plain",
        "predicted",
        "at most",
        "on a GPU",
        "same ids",
      ],
      rows,
    ),
    "",
    "Tokens per forward: of the target, prefill included. Speed: plain decoding's time per token by this one's, round by",
    "round. Predicted: from a run's own counts and costs, waits included. At most: the same without waits; a ratio that is more than",
    `${SLACK} of it was disturbed by other work on the machine, and is flagged and left out. On a GPU: the same from these counts, where`,
    `M rows cost 1 + ${ROW_SHARE} (M - 1) and a draft forward ${draftShare().toFixed(2)} (by bytes).`,
    "",
    `Costs that adaptive lengths went by, measured in the page before: ${forward.join(", ")}; a draft ${round(costs?.draft ?? 0)}; a wait ${round(costs?.wait ?? 0)}.`,
  ];
}

/** The rows of the table in the README: medians. */
export function readmeTable(results: readonly WayResult[]): string[] {
  const median = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length > 0 ? spreadOf(known).median.toFixed(2) : "";
  };
  return table(
    ["workload", "drafter", "tokens a forward", "accepted", "speed, SwiftShader", "predicted", "on such a GPU"],
    results
      .filter(({ way }) => way !== "autoregressive")
      .map((result) => [
        result.workload,
        result.way,
        (result.tokens / result.forwards).toFixed(2),
        result.proposed > 0 ? `${((100 * result.accepted) / result.proposed).toFixed(0)} %` : "none drafted",
        median(result.speedup),
        median(result.predicted),
        result.speedupOfGpu.toFixed(2),
      ]),
  );
}
