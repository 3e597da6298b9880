import { spreadOf } from "../src/runtime/spread.js";
import { type BenchBrowser, type BenchTab, openBrowser } from "./browser.js";
import { type ContenderResult, numEqual, type Ratio, ratiosOf, rotated } from "./compare.js";
import { ENTRIES, type Entry } from "./contenders.js";
import { ensurePeers, type Expected, PEER_MOUNTS, peerVersions } from "./peer-files.js";
import { type ColdResult, measureColdStarts, renderColdStarts } from "./peers-cold.js";
import { beginReport, type Report, round, showSpread, table, writeReport } from "./report.js";
import { type Measured, measureSpeculation, renderSpeculation } from "./speculation.js";
import { workload } from "./workload.js";

/** The file that `peers` writes. */
export interface PeersReport extends Report {
  expected: Omit<Expected, "ids" | "promptIds">;
  contenders: ContenderResult[];
  ratios: Ratio[];
  coldStarts: ColdResult[];
  /** On WebAssembly. */
  speculation: Measured;
}

interface Running {
  entry: Entry;
  tab: BenchTab;
  result: ContenderResult;
}

// A page for each: ONNX Runtime's thread count is fixed for a page's life, and an idle page costs the others nothing.
async function start(browser: BenchBrowser, entry: Entry): Promise<Running> {
  const { name, spec, isFloat32, numNewTokens, warmUpMs, warmUpTokens } = entry;
  console.error(`bench: ${name}: load and warm-up`);
  const tab = await browser.openTab();
  const loadMs = await tab.load(name, spec);
  const untilMs = performance.now() + warmUpMs;
  do await tab.generate(name, workload.promptIds, warmUpTokens);
  while (performance.now() < untilMs);
  return { entry, tab, result: { name, isFloat32, numNewTokens, loadMs, equalIds: numNewTokens, samples: [] } };
}

async function measure(browser: BenchBrowser, expected: Expected, numRounds: number): Promise<ContenderResult[]> {
  const running: Running[] = [];
  for (const entry of ENTRIES) running.push(await start(browser, entry));
  for (let index = 0; index < numRounds; index++) {
    for (const { entry, tab, result } of rotated(running, index)) {
      const { ids, ...sample } = await tab.generate(entry.name, workload.promptIds, entry.numNewTokens);
      result.samples.push(sample);
      result.equalIds = Math.min(result.equalIds, numEqual(ids, expected.ids));
      console.error(`bench: round ${index + 1}: ${entry.name}: ${round(sample.tokensPerSecond)} tokens/s`);
    }
  }
  return running.map(({ result }) => result);
}

function render({ contenders, ratios, expected, coldStarts, speculation }: PeersReport): string[] {
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
    "Greedy autoregressive decoding of `story-ar` after a 32-token prompt; one Chromium, a page for each contender (all",
    "cross-origin isolated), one of them at work at a time, in turn within each round, the order shifted by one every",
    "round. Times are of the page's clock.",
    "",
    ...table(head, rows),
    "",
    "Ids are compared with those of transformers (PyTorch, float32). The two best logits are never closer than",
    `${round(expected.closestChoice)} on this text, so whoever computes in float32 from the checkpoint's values writes`,
    "equal ids. llama.cpp (wllama) may not: with F16 weights, which hold the same values, it rounds activations and cache",
    "to 16 bits; with Q8_0 it rounds weights and activations to 8. Where its text parts from the others', it goes on to",
    "write as many tokens.",
    "",
    "Ours by theirs, decode, round by round:",
    "",
    ...table(["ours", "peer", "ratio"], ratioRows),
    "",
    "ONNX Runtime on WebGPU, bare or in transformers.js, has a graph of standard operators, since its",
    "GroupQueryAttention gives wrong tokens on this adapter; on wasm it has the GroupQueryAttention graph, which is its",
    "fastest.",
    "",
    ...renderColdStarts(coldStarts),
    "",
    "Speculation in Triptych on wasm, by its own autoregressive text there:",
    "",
    ...renderSpeculation(speculation),
  ];
}

/** `bench peers`: true when everything was measured. */
export async function peers(numRounds: number): Promise<boolean> {
  const expected = ensurePeers();
  const report = beginReport("peers", numRounds);
  const browser = await openBrowser(PEER_MOUNTS);
  try {
    const coldStarts = await measureColdStarts(browser, numRounds);
    const contenders = await measure(browser, expected, numRounds);
    const adapter = await browser.adapter();
    const { facts: _facts, ...speculation } = await measureSpeculation(browser, { numRounds, device: "wasm" });
    const { ids: _ids, promptIds: _promptIds, ...exported } = expected;
    const full: PeersReport = {
      ...report,
      adapter,
      versions: { chromium: browser.version, ...peerVersions(), ...exported.versions },
      expected: exported,
      contenders,
      ratios: ratiosOf(contenders),
      coldStarts,
      speculation,
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
