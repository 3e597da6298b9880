import path from "node:path";
import { root, say } from "../scripts/setup.mjs";
import { openNodeDevice } from "../src/backend/webgpu/node/node-gpu.js";
import { loadFolder, openFolder } from "../src/runtime/folder.js";
import { fileSource } from "../src/format/file-source.js";
import { generateOnce } from "../src/testing/generate-once.js";
import { openBrowser } from "./browser.js";
import { type GrowthTimes, renderGrowth, timeGrowth } from "./growth.js";
import { beginReport, type Report, showSpread, table, writeReport } from "./report.js";
import { renderSampled, type SampledTimes, timeSampled } from "./sampled.js";
import { renderSync, type SyncTimes, timeSync } from "./sync.js";
import { workload } from "./workload.js";

/** Rates of one place, in tokens per second, by the run's own clock. */
interface Place {
  name: string;
  tokensPerSecond: number[];
  timeToFirstTokenMs: number[];
}

/** The file that `decode` writes. */
export interface DecodeReport extends Report {
  places: Place[];
  sampled: SampledTimes[];
  growth: GrowthTimes[];
  sync: SyncTimes[];
}

async function inNode(numRounds: number) {
  const folder = await openFolder(fileSource(path.join(root, "public/models/story-ar")));
  const gpu = await openNodeDevice({ software: true });
  const target = await loadFolder(gpu, folder);
  const options = { max_new_tokens: workload.numNewTokens, temperature: 0 };
  const asked = { decoder: "autoregressive", promptIds: workload.promptIds, options, gpu, target, draft: null, folder };
  const place: Place = { name: "Node", tokensPerSecond: [], timeToFirstTokenMs: [] };
  for (let round = 0; round <= numRounds; round++) {
    const { metrics } = await generateOnce(asked, () => {});
    if (round === 0) continue;
    place.tokensPerSecond.push(metrics.tokensPerSecond);
    place.timeToFirstTokenMs.push(metrics.timeToFirstTokenMs);
  }
  say("steps a synchronisation …");
  const sync = await timeSync(target, folder, numRounds);
  say("growing contexts …");
  const growth = await timeGrowth(gpu, folder, numRounds);
  return { place, sync, growth, architecture: folder.architecture, adapter: { ...gpu.facts } };
}

async function inChromium(numRounds: number) {
  const browser = await openBrowser();
  try {
    await browser.load("ours", { runtime: "triptych", url: "/models/story-ar/" });
    const place: Place = { name: "Chromium", tokensPerSecond: [], timeToFirstTokenMs: [] };
    for (let round = 0; round <= numRounds; round++) {
      const sample = await browser.generate("ours", workload.promptIds, workload.numNewTokens);
      if (round === 0) continue;
      place.tokensPerSecond.push(sample.workerTokensPerSecond ?? sample.tokensPerSecond);
      place.timeToFirstTokenMs.push(sample.timeToFirstTokenMs);
    }
    return { place, sampled: await timeSampled(browser, "ours", numRounds), version: browser.version };
  } finally {
    await browser.close();
  }
}

/** `bench decode`: true when everything was measured. */
export async function decode(numRounds: number): Promise<boolean> {
  const report = beginReport("decode", numRounds);
  say("Chromium …");
  const chromium = await inChromium(numRounds);
  say("Node …");
  const node = await inNode(numRounds);
  const places = [chromium.place, node.place];
  const { sampled } = chromium;
  const { sync, growth, adapter } = node;
  const rows = places.map(({ name, tokensPerSecond, timeToFirstTokenMs }) => [
    name,
    showSpread(tokensPerSecond),
    showSpread(timeToFirstTokenMs),
  ]);
  const full: DecodeReport = {
    ...report,
    adapter,
    versions: { chromium: chromium.version },
    places,
    sampled,
    growth,
    sync,
  };
  writeReport(full, [
    `Greedy autoregressive decoding of \`story-ar\`, ${workload.numNewTokens} tokens after a 32-token prompt, by the`,
    "engine's own clock; one place after the other.",
    "",
    ...table(["", "decode, tokens/s", "first token, ms"], rows),
    "",
    ...renderSampled(sampled),
    "",
    ...renderSync(sync),
    "",
    ...renderGrowth(growth, node.architecture),
  ]);
  return true;
}
