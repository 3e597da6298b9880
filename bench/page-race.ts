import path from "node:path";
import type { Page } from "@playwright/test";
import { root, say } from "../scripts/setup.mjs";
import { spreadOf } from "../src/runtime/spread.js";
import type { Metrics } from "../src/vocabulary/events.js";
import type { CompareElement } from "../src/ui/element.js";
import { buildLibrary, BUILT, openPage } from "./browser.js";
import { beginReport, type Report, round, showSpread, table, writeReport } from "./report.js";

/** Most that speculative text may take of autoregressive text's time. */
const MOST = 1.03;

/** One race of the page's panes, all at their defaults but for the seed. */
export interface Race {
  seed: number;
  /** Whether it is the first of its page, which loads, measures and compiles for it. */
  isFirst: boolean;
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

/** Wall time of the speculative run by the autoregressive one's; own time is without other panes' turns. */
function ratioOf({ autoregressive, speculative }: Race, time: "elapsedMs" | "ownMs"): number {
  return speculative[time] / autoregressive[time];
}

/** Wall time by wall time, of the first races of their pages or of the later ones. */
function ratiosOf(races: readonly Race[], isFirst: boolean): number[] {
  return races.filter((race) => race.isFirst === isFirst).map((race) => ratioOf(race, "elapsedMs"));
}

async function race(page: Page, seed: number, isFirst: boolean): Promise<Race> {
  const ended = await page.evaluate(async (seed) => {
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
  return { ...ended, isFirst };
}

/** `bench page`: true when the speculative pane loses no 3 % to the autoregressive one, in first races too, and writes its text. */
export async function pageRace(numRounds: number): Promise<boolean> {
  const report = beginReport("page", numRounds);
  const dist = path.join(BUILT, "dist");
  await buildLibrary(root, dist);
  const races: Race[] = [];
  let chromium = "";
  for (let seed = 1; seed <= numRounds; seed++) {
    // A browser of its own, whose GPU process has compiled nothing yet.
    const opened = await openPage(path.join(root, "bench/race"), { "/dist/": dist });
    chromium = opened.version;
    try {
      await opened.page.waitForFunction(() => Boolean(customElements.get("triptych-compare")));
      for (const isFirst of [true, false]) {
        const one = await race(opened.page, seed, isFirst);
        races.push(one);
        say(`  seed ${seed}, ${isFirst ? "first" : "later"} race: ${round(ratioOf(one, "elapsedMs"))}`);
      }
    } finally {
      await opened.close();
    }
  }
  const adapter = { isSoftware: true, description: "SwiftShader in Chromium" };
  const full: PageReport = { ...report, adapter, versions: { chromium }, races };
  writeReport(full, linesOf(races));
  const isFast = [true, false].every((isFirst) => spreadOf(ratiosOf(races, isFirst)).median <= MOST);
  return isFast && races.every(({ sameIds }) => sameIds);
}

function linesOf(races: readonly Race[]): string[] {
  const rows = races.map((race) => {
    const { seed, isFirst, drafter, autoregressive, speculative, sameIds } = race;
    return [
      String(seed),
      isFirst ? "first" : "later",
      drafter,
      String(speculative.tokens),
      round(autoregressive.elapsedMs),
      round(speculative.elapsedMs),
      round(ratioOf(race, "elapsedMs")),
      round(ratioOf(race, "ownMs")),
      `${speculative.accepted} of ${speculative.proposed}`,
      sameIds ? "yes" : "NO",
    ];
  });
  const head = [
    "seed",
    "race",
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
    "three at a time on one device. Each seed in a fresh browser: the first race, for which the page loads, measures and compiles, and",
    "a later one.",
    "",
    ...table(head, rows),
    "",
    `Speculative by autoregressive, wall time: first races ${showSpread(ratiosOf(races, true))}, later ones ${showSpread(ratiosOf(races, false))};`,
    `goal: medians of at most ${MOST}.`,
  ];
}
