import type { Folder } from "../src/runtime/folder.js";
import { NO_TEXT } from "../src/runtime/folder.js";
import { generate } from "../src/decode/engine/engine.js";
import { findDecoder } from "../src/decode/index.js";
import type { Model } from "../src/seam/model.js";
import { rotated } from "./compare.js";
import { round, showSpread, table } from "./report.js";
import { workload } from "./workload.js";

const STEPS_PER_SYNC = [1, 4];

/** Decoding that asks for so many results at once: milliseconds a token, one for each round. */
export interface SyncTimes {
  stepsPerSync: number;
  msPerToken: number[];
}

/** Greedy decoding with each number of steps a synchronisation in turn within each round, after one that warms up. */
export async function timeSync(model: Model, { tokenizer }: Folder, numRounds: number): Promise<SyncTimes[]> {
  const times = STEPS_PER_SYNC.map((stepsPerSync): SyncTimes => ({ stepsPerSync, msPerToken: [] }));
  for (let index = 0; index <= numRounds; index++) {
    for (const { stepsPerSync, msPerToken } of rotated(times, index)) {
      const target = model.session();
      try {
        const { metrics } = await generate(
          {
            decoder: findDecoder("autoregressive"),
            promptIds: workload.promptIds,
            options: { temperature: 0, max_new_tokens: workload.numNewTokens },
            target,
            capabilities: model.capabilities,
            tokenizer: tokenizer ?? NO_TEXT,
            stepsPerSync,
          },
          () => {},
        );
        if (index > 0) msPerToken.push(1000 / metrics.tokensPerSecond);
      } finally {
        target.dispose();
      }
    }
  }
  return times;
}

/** Time of a token with four steps a synchronisation by that with one, round by round. */
export function fourByOne(sync: readonly SyncTimes[]): number[] {
  const of = (count: number) => sync.find(({ stepsPerSync }) => stepsPerSync === count)?.msPerToken ?? [];
  const one = of(1);
  return of(4).map((ms, i) => ms / one[i]);
}

/** The part of the report on synchronisation. */
export function renderSync(sync: readonly SyncTimes[]): string[] {
  const rows = sync.map(({ stepsPerSync, msPerToken }) => [String(stepsPerSync), showSpread(msPerToken)]);
  return [
    "Results asked for together, in Node, in turn within each round:",
    "",
    ...table(["steps a synchronisation", "a token, ms"], rows),
    "",
    `Four by one, round by round: ${fourByOne(sync)
      .map((value) => round(value))
      .join(", ")}.`,
  ];
}
