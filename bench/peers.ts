import { spreadOf } from "../src/cli/bench.js";
import { type BenchBrowser, openBrowser } from "./browser.js";
import { warnIfBusy } from "./machine.js";
import { type ContenderResult, numEqual, type Ratio, ratiosOf, rotated } from "./compare.js";
import { ENTRIES } from "./contenders.js";
import { ensurePeers, type Expected, PEER_MOUNTS, peerVersions } from "./peer-files.js";
import { beginReport, type Report, round, showSpread, table, writeReport } from "./report.js";
import { workload } from "./workload.js";

/** The file that `peers` writes. */
export interface PeersReport extends Report {
  expected: Omit<Expected, "ids" | "promptIds">;
  contenders: ContenderResult[];
  ratios: Ratio[];
}

async function measure(browser: BenchBrowser, expected: Expected, numRounds: number): Promise<ContenderResult[]> {
  const { promptIds } = workload;
  const results = new Map<string, ContenderResult>();
  for (const { name, spec, numNewTokens, warmUpMs, warmUpTokens } of ENTRIES) {
    console.error(`bench: ${name}: load and warm-up`);
    const loadMs = await browser.load(name, spec);
    const untilMs = performance.now() + warmUpMs;
    do await browser.generate(name, promptIds, warmUpTokens);
    while (performance.now() < untilMs);
    results.set(name, { name, numNewTokens, loadMs, equalIds: numNewTokens, samples: [] });
  }
  for (let index = 0; index < numRounds; index++) {
    for (const { name, numNewTokens } of rotated(ENTRIES, index)) {
      const { ids, ...sample } = await browser.generate(name, promptIds, numNewTokens);
      const result = results.get(name) as ContenderResult;
      result.samples.push(sample);
      result.equalIds = Math.min(result.equalIds, numEqual(ids, expected.ids));
      console.error(`bench: round ${index + 1}: ${name}: ${round(sample.tokensPerSecond)} tokens/s`);
    }
  }
  return [...results.values()];
}

function render({ contenders, ratios, expected }: PeersReport): string[] {
  const head = ["", "tokens", "decode, tokens/s", "whole call, tokens/s", "first token, ms", "load, ms", "ids"];
  const rows = contenders.map(({ name, numNewTokens, samples, loadMs, equalIds }) => [
    name,
    String(numNewTokens),
    showSpread(samples.map(({ tokensPerSecond }) => tokensPerSecond)),
    showSpread(samples.map(({ totalMs }) => (numNewTokens * 1000) / totalMs)),
    showSpread(samples.map(({ timeToFirstTokenMs }) => timeToFirstTokenMs)),
    round(loadMs),
    equalIds === numNewTokens ? "all equal" : `equal up to ${equalIds}`,
  ]);
  const ratioRows = ratios.map(({ ours, peer, values }) => [ours, peer, showSpread(values)]);
  return [
    "Greedy autoregressive decoding of `story-ar` after a 32-token prompt; one Chromium, one page load, contenders in",
    "turn within each round, the order shifted by one every round. Times are of the page's clock.",
    "",
    ...table(head, rows),
    "",
    "Ids are compared with those of transformers (PyTorch, float32). Every contender computes in float32 from the same",
    `values, and the two best logits are never closer than ${round(expected.closestChoice)} on this text, so all of them`,
    "should be equal.",
    "",
    "Ours by theirs, decode, round by round:",
    "",
    ...table(["ours", "peer", "ratio"], ratioRows),
    "",
    "transformers.js on WebGPU has a graph of standard operators, since its GroupQueryAttention gives wrong tokens on",
    "this adapter; on wasm it has the GroupQueryAttention graph, which is its fastest.",
  ];
}

/** `bench peers`: true when everything was measured. */
export async function peers(numRounds: number): Promise<boolean> {
  const expected = ensurePeers();
  const report = beginReport("peers", numRounds);
  warnIfBusy(report.machine);
  const browser = await openBrowser(PEER_MOUNTS);
  try {
    const contenders = await measure(browser, expected, numRounds);
    const { adapter, isVisible } = await browser.facts();
    if (!isVisible) throw new Error("the page was hidden: browsers slow hidden pages down");
    const { ids: _ids, promptIds: _promptIds, ...exported } = expected;
    const full: PeersReport = {
      ...report,
      adapter,
      versions: { chromium: browser.version, ...peerVersions(), ...exported.versions },
      expected: exported,
      contenders,
      ratios: ratiosOf(contenders),
    };
    writeReport(full, render(full));
    for (const { peer, ours, values } of full.ratios) {
      console.log(`${ours} / ${peer}: ${round(spreadOf(values).median)}`);
    }
    return true;
  } finally {
    await browser.close();
  }
}
