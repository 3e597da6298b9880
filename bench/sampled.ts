import type { BenchTab } from "./browser.js";
import { rotated } from "./compare.js";
import type { Sampling } from "./page/contender.js";
import { round, showSpread, table } from "./report.js";
import { workload } from "./workload.js";

// Every way writes the asked number of tokens: the end token can't be chosen.
const ENDLESS = { logit_bias: { 0: -100 }, seed: 1 };

/** Ways to choose tokens; the first is what the others are compared with. */
const WAYS: readonly { name: string; options: Sampling }[] = [
  { name: "greedy", options: { temperature: 0 } },
  { name: "temperature 0.8", options: { temperature: 0.8 } },
  { name: "top-k 40", options: { temperature: 0.8, top_k: 40 } },
  { name: "top-p 0.95", options: { temperature: 0.8, top_p: 0.95 } },
  { name: "min-p 0.05", options: { temperature: 0.8, min_p: 0.05 } },
  { name: "all of them", options: { temperature: 0.8, top_k: 40, top_p: 0.95, min_p: 0.05 } },
];

/** One way to choose tokens. */
export interface SampledTimes {
  name: string;
  /** Of the engine's clock, one for each round. */
  msPerToken: number[];
  /** By greedy decoding's in the same round. */
  byGreedy: number[];
}

/** Decodes `story-ar` (loaded in the tab under `name`) each way in turn within each round, the order shifted every round. */
export async function timeSampled(tab: BenchTab, name: string, numRounds: number): Promise<SampledTimes[]> {
  const { promptIds, numNewTokens } = workload;
  const times = new Map<string, number[]>(WAYS.map((way) => [way.name, []]));
  // The first round warms up.
  for (let index = 0; index <= numRounds; index++) {
    for (const way of rotated(WAYS, index)) {
      const sample = await tab.generate(name, promptIds, numNewTokens, { ...ENDLESS, ...way.options });
      if (sample.ids.length !== numNewTokens) throw new Error(`${way.name} wrote ${sample.ids.length} tokens`);
      const rate = sample.workerTokensPerSecond ?? sample.tokensPerSecond;
      if (index > 0) times.get(way.name)?.push(1000 / rate);
    }
    console.error(`bench: sampled: round ${index} of ${numRounds}`);
  }
  const greedy = times.get(WAYS[0].name) ?? [];
  return [...times].map(([way, msPerToken]) => ({
    name: way,
    msPerToken,
    byGreedy: msPerToken.map((ms, i) => ms / greedy[i]),
  }));
}

/** The part of the report on sampling. */
export function renderSampled(sampled: readonly SampledTimes[]): string[] {
  const rows = sampled.map(({ name, msPerToken, byGreedy }) => [name, showSpread(msPerToken), showSpread(byGreedy)]);
  return [
    `Ways to choose among the logits in Chromium, all at temperature 0.8 but greedy, ${workload.numNewTokens} tokens each, in turn within`,
    "each round, the order shifted by one every round.",
    "",
    ...table(["", "a token, ms", "by greedy"], rows),
    "",
    "Time of a token by greedy's, round by round:",
    "",
    ...sampled.slice(1).map(({ name, byGreedy }) => `- ${name}: ${byGreedy.map((value) => round(value)).join(", ")}`),
  ];
}
