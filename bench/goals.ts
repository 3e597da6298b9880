import { spreadOf } from "../src/cli/bench.js";
import { NAMES } from "./contenders.js";
import type { DiffusionReport } from "./diffusion.js";
import type { PeersReport } from "./peers.js";
import { coldRatios } from "./peers-cold.js";

/** One goal and what was measured. */
export interface Finding {
  goal: string;
  value: number;
  isMet: boolean;
  /** Hoped for: shown, but a miss is no failure. */
  isStretch?: boolean;
}

/** The goals for decode speed, ids and the first token of a cold page. */
export function judgePeers({ contenders, ratios, coldStarts }: PeersReport): Finding[] {
  const ratio = (peer: string, atLeast: number): Finding => {
    const values = ratios.find((entry) => entry.ours === NAMES.ours && entry.peer === peer)?.values ?? [];
    const value = spreadOf(values).median;
    return { goal: `${NAMES.ours} / ${peer}: at least ${atLeast}`, value, isMet: value >= atLeast };
  };
  const sooner = spreadOf(coldRatios(coldStarts ?? [], NAMES.ours, NAMES.wasm)).median;
  const cold = {
    goal: `first token of a cold page, ${NAMES.wasm} / ${NAMES.ours}: more than 1`,
    value: sooner,
    isMet: sooner > 1,
  };
  const exact = contenders.filter(({ isFloat32 }) => isFloat32);
  const ids = exact.map(({ name, equalIds, numNewTokens }) => ({
    goal: `${name}: all ${numNewTokens} ids as transformers writes them`,
    value: equalIds,
    isMet: equalIds === numNewTokens,
  }));
  return [
    ratio(NAMES.webgpu, 60),
    ratio(NAMES.wasm, 0.25),
    { ...ratio(NAMES.wasm, 0.35), isStretch: true },
    cold,
    ...ids,
  ];
}

/** The goals for counts. */
export function judgeDiffusion({ laws }: DiffusionReport): Finding[] {
  const value = laws.find(({ name }) => name.startsWith("speculative"))?.tokensPerForward ?? Number.NaN;
  return [{ goal: "speculative, 4 draft tokens: more than 1.5 tokens per forward", value, isMet: value > 1.5 }];
}
