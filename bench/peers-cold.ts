import type { BenchBrowser } from "./browser.js";
import { rotated } from "./compare.js";
import { COLD_ENTRIES } from "./contenders.js";
import type { ColdStart } from "./page/contender.js";
import { round, showSpread, table } from "./report.js";
import { workload } from "./workload.js";

/** One runtime's ways from an empty page to the first token. */
export interface ColdResult {
  name: string;
  samples: ColdStart[];
}

/** Opens fresh pages in turn; a round before the first one, in which the browser itself starts, doesn't count. */
export async function measureColdStarts(browser: BenchBrowser, numRounds: number): Promise<ColdResult[]> {
  const results = new Map<string, ColdResult>(COLD_ENTRIES.map(({ name }) => [name, { name, samples: [] }]));
  for (let index = 0; index <= numRounds; index++) {
    for (const { name, spec } of rotated(COLD_ENTRIES, index)) {
      const coldStart = await browser.coldStart({ spec, promptIds: workload.promptIds });
      if (index > 0) results.get(name)?.samples.push(coldStart);
      console.error(`bench: cold round ${index}: ${name}: first token after ${round(coldStart.firstTokenMs)} ms`);
    }
  }
  return [...results.values()];
}

/** How many times sooner than `peer` the first token of `ours` is there, round by round. */
export function coldRatios(coldStarts: readonly ColdResult[], ours: string, peer: string): number[] {
  const times = (name: string) =>
    coldStarts.find((result) => result.name === name)?.samples.map(({ firstTokenMs }) => firstTokenMs) ?? [];
  const peerTimes = times(peer);
  return times(ours).map((firstTokenMs, i) => peerTimes[i] / firstTokenMs);
}

/** The part of the report on cold pages. */
export function renderColdStarts(coldStarts: readonly ColdResult[]): string[] {
  const rows = coldStarts.map(({ name, samples }) => [
    name,
    showSpread(samples.map(({ loadedMs }) => loadedMs)),
    showSpread(samples.map(({ firstTokenMs }) => firstTokenMs)),
  ]);
  return [
    "From a cold page, counted from the navigation: a new page with empty caches for every figure, in a browser that",
    "runs; files come from this machine, so a network would add what each has to download. Ours loads its tokenizer",
    "too; transformers.js is asked for the model alone.",
    "",
    ...table(["", "loaded, ms", "first token, ms"], rows),
  ];
}
