import path from "node:path";
import { root } from "../scripts/setup.mjs";
import { loadFolder, openFolder, openGpu } from "../src/cli/models.js";
import { generateOnce } from "../src/cli/run.js";
import { openBrowser } from "./browser.js";
import { warnIfBusy } from "./machine.js";
import { beginReport, showSpread, table, writeReport } from "./report.js";
import { workload } from "./workload.js";

/** Rates of one place, in tokens per second, by the run's own clock. */
interface Place {
  name: string;
  tokensPerSecond: number[];
  timeToFirstTokenMs: number[];
}

async function inNode(numRounds: number): Promise<Place & { adapter: Record<string, unknown> }> {
  const folder = await openFolder(path.join(root, "public/models/story-ar"));
  const gpu = await openGpu({ software: true });
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
  return { ...place, adapter: { ...gpu.facts } };
}

async function inChromium(numRounds: number): Promise<Place & { version: string }> {
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
    return { ...place, version: browser.version };
  } finally {
    await browser.close();
  }
}

/** `bench decode`: true when everything was measured. */
export async function decode(numRounds: number): Promise<boolean> {
  const report = beginReport("decode", numRounds);
  warnIfBusy(report.machine);
  const { version, ...chromium } = await inChromium(numRounds);
  const { adapter, ...node } = await inNode(numRounds);
  const places = [chromium, node];
  const rows = places.map(({ name, tokensPerSecond, timeToFirstTokenMs }) => [
    name,
    showSpread(tokensPerSecond),
    showSpread(timeToFirstTokenMs),
  ]);
  writeReport({ ...report, adapter, versions: { chromium: version }, ...{ places } }, [
    `Greedy autoregressive decoding of \`story-ar\`, ${workload.numNewTokens} tokens after a 32-token prompt, by the`,
    "engine's own clock; one place after the other.",
    "",
    ...table(["", "decode, tokens/s", "first token, ms"], rows),
  ]);
  return true;
}
