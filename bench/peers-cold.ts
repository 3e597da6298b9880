import type { BenchBrowser, ServedStart } from "./browser.js";
import { rotated } from "./compare.js";
import { ENTRIES, NAMES } from "./contenders.js";
import { round, showSpread, table } from "./report.js";
import { workload } from "./workload.js";

/** One runtime's ways from an empty page to the first token. */
export interface ColdResult {
  name: string;
  samples: ServedStart[];
}

/** Opens fresh pages in turn; a round before the first one, in which the browser itself starts, doesn't count. */
export async function measureColdStarts(browser: BenchBrowser, numRounds: number): Promise<ColdResult[]> {
  const entries = ENTRIES.filter(({ isWarmOnly }) => !isWarmOnly);
  const results = new Map<string, ColdResult>(entries.map(({ name }) => [name, { name, samples: [] }]));
  for (let index = 0; index <= numRounds; index++) {
    for (const { name, spec } of rotated(entries, index)) {
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
    // The same every time, but for what a page asks for when it feels like it.
    round(Math.max(...samples.map(({ fetchedBytes }) => fetchedBytes)) / 1e6),
  ]);
  const chosen = coldStarts.flatMap(({ name, samples }) =>
    name === NAMES.auto ? [...new Set(samples.map(({ device }) => device))] : [],
  );
  return [
    "From a cold page, counted from the navigation: a new page with empty caches for every figure, in a browser that",
    "runs; files come from this machine, uncompressed, so a network would add the time of what each has to fetch (the",
    "benchmark's own page is in it, some kilobytes). Ours loads its tokenizer too, and so does wllama, whose file holds",
    "it, besides the tokenizer.json by which the benchmark looks up what it writes; the others are asked for the model",
    "alone.",
    "",
    ...table(["", "loaded, ms", "first token, ms", "fetched, MB"], rows),
    "",
    `What \`auto\` chose: ${chosen.join("; ")}`,
  ];
}
