import path from "node:path";
import type { Page } from "@playwright/test";
import { root, say } from "../scripts/setup.mjs";
import { spreadOf } from "../src/cli/bench.js";
import type { Metrics } from "../src/vocabulary/events.js";
import type { CompareElement } from "../src/ui/element.js";
import { buildLibrary, BUILT, openPage } from "./browser.js";
import { beginReport, type Report, round, showSpread, table, writeReport } from "./report.js";

/** Most that speculative text may take of autoregressive text's time. */
const MOST = 1.03;

/** One race of the page's panes, all at their defaults but for the seed. */
export interface Race {
  seed: number;
  autoregressive: Metrics;
  speculative: Metrics;
  /** What the speculative pane drafted by, as its `start` event tells. */
  drafter: string;
  sameIds: boolean;
}

/** The file that `page` writes. */
export interface PageReport extends Report {
  races: Race[];
}

/** Wall time of the speculative run by the autoregressive one's, race by race; own time is without other panes' turns. */
export function ratiosOf(races: readonly Race[], time: "elapsedMs" | "ownMs"): number[] {
  return races.map(({ autoregressive, speculative }) => speculative[time] / autoregressive[time]);
}

async function race(page: Page, seed: number): Promise<Race> {
  return page.evaluate(async (seed) => {
    const element = document.querySelector("triptych-compare") as CompareElement;
    let drafter = "";
    const listen = (event: Event) => {
      const { detail } = event as CustomEvent;
      if (detail.pane === "speculative" && detail.event.type === "start") drafter = detail.event.options.drafter;
    };
    element.addEventListener("triptych-event", listen);
    element.seed = seed;
    const outcomes = await element.generate();
    element.removeEventListener("triptych-event", listen);
    const { autoregressive, speculative } = outcomes;
    if ("error" in autoregressive || "error" in speculative || !autoregressive.metrics || !speculative.metrics) {
      throw new Error(`a pane failed: ${JSON.stringify(outcomes)}`);
    }
    return {
      seed,
      drafter,
      autoregressive: autoregressive.metrics,
      speculative: speculative.metrics,
      sameIds: String(autoregressive.ids) === String(speculative.ids),
    };
  }, seed);
}

/** `bench page`: true when the speculative pane loses no 3 % to the autoregressive one, and writes its text. */
export async function pageRace(numRounds: number): Promise<boolean> {
  const report = beginReport("page", numRounds);
  const dist = path.join(BUILT, "dist");
  await buildLibrary(root, dist);
  const opened = await openPage(path.join(root, "bench/race"), { "/dist/": dist });
  const races: Race[] = [];
  try {
    await opened.page.waitForFunction(() => Boolean(customElements.get("triptych-compare")));
    // The first one loads, measures and compiles.
    for (let seed = 0; seed <= numRounds; seed++) {
      const one = await race(opened.page, seed);
      if (seed > 0) races.push(one);
      say(`  seed ${seed}: ${round(one.speculative.elapsedMs / one.autoregressive.elapsedMs)}`);
    }
  } finally {
    await opened.close();
  }
  const adapter = { isSoftware: true, description: "SwiftShader in Chromium" };
  const full: PageReport = { ...report, adapter, versions: { chromium: opened.version }, races };
  writeReport(full, linesOf(races));
  return spreadOf(ratiosOf(races, "elapsedMs")).median <= MOST && races.every(({ sameIds }) => sameIds);
}

function linesOf(races: readonly Race[]): string[] {
  const rows = races.map(({ seed, drafter, autoregressive, speculative, sameIds }, i) => [
    String(seed),
    drafter,
    String(speculative.tokens),
    round(autoregressive.elapsedMs),
    round(speculative.elapsedMs),
    round(ratiosOf(races, "elapsedMs")[i]),
    round(ratiosOf(races, "ownMs")[i]),
    `${speculative.accepted} of ${speculative.proposed}`,
    sameIds ? "yes" : "NO",
  ]);
  const head = [
    "seed",
    "drafter",
    "tokens",
    "autoregressive, ms",
    "speculative, ms",
    "by wall time",
    "by own time",
    "accepted",
    "same ids",
  ];
  return [
    "The demo page's three panes as they are by default (`story-ar`, temperature 0.7, speculative as measured to be the fastest), all",
    "three at a time on one device, after one race that loads, measures and compiles.",
    "",
    ...table(head, rows),
    "",
    `Speculative by autoregressive, wall time: ${showSpread(ratiosOf(races, "elapsedMs"))}; goal: a median of at most ${MOST}.`,
  ];
}
