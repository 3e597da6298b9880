import { spreadOf } from "../src/cli/bench.js";
import { NAMES } from "./contenders.js";
import type { DiffusionReport } from "./diffusion.js";
import type { PeersReport } from "./peers.js";

/** One goal and what was measured. */
export interface Finding {
  goal: string;
  value: number;
  isMet: boolean;
}

/** The goals for decode speed and ids. */
export function judgePeers({ contenders, ratios }: PeersReport): Finding[] {
  const ratio = (peer: string, atLeast: number): Finding => {
    const values = ratios.find((entry) => entry.ours === NAMES.ours && entry.peer === peer)?.values ?? [];
    const value = spreadOf(values).median;
    return { goal: `${NAMES.ours} / ${peer}: at least ${atLeast}`, value, isMet: value >= atLeast };
  };
  const ids = contenders.map(({ name, equalIds, numNewTokens }) => ({
    goal: `${name}: all ${numNewTokens} ids as transformers writes them`,
    value: equalIds,
    isMet: equalIds === numNewTokens,
  }));
  return [ratio(NAMES.webgpu, 20), ratio(NAMES.wasm, 0.2), ...ids];
}

/** The goals for counts. */
export function judgeDiffusion({ laws }: DiffusionReport): Finding[] {
  const value = laws.find(({ name }) => name.startsWith("speculative"))?.tokensPerForward ?? Number.NaN;
  return [{ goal: "speculative, 4 draft tokens: more than 1.5 tokens per forward", value, isMet: value > 1.5 }];
}
