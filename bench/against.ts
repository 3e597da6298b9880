import path from "node:path";
import type { Frame, Page } from "@playwright/test";
import { root } from "../scripts/setup.mjs";
import { spreadOf } from "../src/runtime/spread.js";
import type { Block, Way } from "./against/duel.js";
import { BUILT, buildPage, openPage } from "./browser.js";
import { numEqual } from "./compare.js";
import { beginReport, type Report, round, showSpread, table, writeReport } from "./report.js";
import { buildRange, type Range } from "./revisions.js";
import { workload } from "./workload.js";

const SIDES = ["new", "old"] as const;
type Side = (typeof SIDES)[number];

/** Both sides' blocks of one way, a pair a round. */
export interface Pairs {
  name: string;
  /** Leading ids of the completion that are the same; `numIds` when all are. */
  equalIds: number;
  numIds: number;
  new: Omit<Block, "ids">[];
  old: Omit<Block, "ids">[];
  /** New by old, round by round: below 1 the new revision is faster. */
  tokenTime: number[];
  firstTokenTime: number[];
}

/** The file that `--against` writes. */
export interface AgainstReport extends Report {
  revisions: Record<Side, string>;
  ways: Pairs[];
}

const greedy = { temperature: 0, max_new_tokens: workload.diffusion.numNewTokens };
const { promptIds } = workload;

/** What the modes compare. */
export const WAYS: Record<string, readonly Way[]> = {
  decode: [
    {
      name: "autoregressive",
      model: "story-ar",
      promptIds,
      options: { decoder: "autoregressive", temperature: 0, max_new_tokens: workload.numNewTokens },
    },
  ],
  diffusion: [
    {
      name: "block diffusion, threshold 0.9",
      model: "story-diffusion",
      promptIds,
      options: { ...greedy, decoder: "block-diffusion", threshold: 0.9 },
    },
    {
      name: "block diffusion, 8 steps a block",
      model: "story-diffusion",
      promptIds,
      options: { ...greedy, decoder: "block-diffusion", commit_rule: "quota", denoising_steps: 8 },
    },
    {
      name: "speculative, 4 draft tokens",
      model: "story-ar",
      draft: "story-draft",
      promptIds,
      options: { ...greedy, decoder: "speculative", num_assistant_tokens: 4 },
    },
  ],
};

/** Who runs first and who second in a round: the order turns every round, so neither always finds the warmer machine. */
export function orderOf(roundIndex: number): readonly Side[] {
  return roundIndex % 2 === 0 ? SIDES : [SIDES[1], SIDES[0]];
}

/** The ratios new by old of one way's blocks. */
export function pairUp(name: string, newer: readonly Block[], older: readonly Block[]): Pairs {
  const withoutIds = ({ ids: _ids, ...block }: Block) => block;
  return {
    name,
    equalIds: numEqual(newer[0].ids, older[0].ids),
    numIds: Math.max(newer[0].ids.length, older[0].ids.length),
    new: newer.map(withoutIds),
    old: older.map(withoutIds),
    tokenTime: newer.map((block, i) => older[i].tokensPerSecond / block.tokensPerSecond),
    firstTokenTime: newer.map((block, i) => block.timeToFirstTokenMs / older[i].timeToFirstTokenMs),
  };
}

function render(ways: readonly Pairs[], revisions: Record<Side, string>): string[] {
  const rows = ways.map(({ name, tokenTime, firstTokenTime, ...way }) => [
    name,
    showSpread(tokenTime),
    showSpread(firstTokenTime),
    ...SIDES.map((side) => showSpread(way[side].map(({ tokensPerSecond }) => tokensPerSecond))),
    ...SIDES.map((side) => `${way[side][0].forwards}, ${way[side][0].dispatches}`),
    way.equalIds === way.numIds ? "all" : `the first ${way.equalIds} of ${way.numIds}`,
  ]);
  const head = ["", "time per token", "first token", "new, tokens/s", "old, tokens/s", "new: forwards, dispatches"];
  return [
    `New: ${revisions.new}. Old: ${revisions.old}. Both in one page on the models of the new one, a block each in turn,`,
    "the order turned every round; times by the engine's own clock, new by old: below 1 the new revision is faster.",
    "",
    ...table([...head, "old", "equal ids"], rows),
    "",
    "Time per token, new by old, round by round:",
    "",
    ...ways.map(({ name, tokenTime }) => `- ${name}: ${tokenTime.map((value) => round(value)).join(", ")}`),
  ];
}

async function frameOf(page: Page, name: Side): Promise<Frame> {
  const frame = page.frame({ name });
  if (!frame) throw new Error(`the page has no frame ${name}`);
  await frame.waitForFunction(() => Boolean(window.duelist));
  return frame;
}

/** `--against`: two revisions in one page, block by block. True when everything was measured. */
export async function against(mode: string, numRounds: number, range: Range): Promise<boolean> {
  const ways = WAYS[mode];
  const { newer, older } = await buildRange(range);
  const code = path.join(BUILT, "against");
  await buildPage(path.join(root, "bench/against/page.ts"), code);
  const name = `against-${mode}-${older.title}${range.newer ? `..${newer.title}` : ""}`;
  const report = beginReport(name, numRounds);
  const browser = await openPage(path.join(root, "bench/against"), {
    "/new/": newer.dist,
    "/old/": older.dist,
    "/bench/": code,
  });
  try {
    const frames = { new: await frameOf(browser.page, "new"), old: await frameOf(browser.page, "old") };
    const folders = [...new Set(ways.flatMap(({ model, draft }) => (draft ? [model, draft] : [model])))];
    let adapter: Record<string, unknown> = {};
    for (const side of SIDES) {
      const opened = [`/${side}/index.js`, folders] as const;
      adapter = await frames[side].evaluate(([url, models]) => window.duelist.open(url, models), opened);
    }
    const pairs: Pairs[] = [];
    for (const way of ways) {
      const blocks: Record<Side, Block[]> = { new: [], old: [] };
      // The first two rounds, one in each order, warm up.
      for (let i = -2; i < numRounds; i++) {
        for (const side of orderOf(i + 2)) {
          const block = await frames[side].evaluate((what) => window.duelist.run(what), way);
          if (i >= 0) blocks[side].push(block);
        }
      }
      pairs.push(pairUp(way.name, blocks.new, blocks.old));
    }
    if (!(await frames.new.evaluate(() => window.duelist.isVisible()))) {
      throw new Error("the page was hidden: browsers slow hidden pages down");
    }
    const revisions = { new: newer.title, old: older.title };
    const full: AgainstReport = { ...report, adapter, versions: { chromium: browser.version }, revisions, ways: pairs };
    writeReport(full, render(pairs, revisions));
    for (const { name, tokenTime } of pairs) console.log(`${name}, new / old: ${round(spreadOf(tokenTime).median)}`);
    return true;
  } finally {
    await browser.close();
  }
}
