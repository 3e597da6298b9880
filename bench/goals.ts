import { spreadOf } from "../src/runtime/spread.js";
import { NAMES } from "./contenders.js";
import type { DecodeReport } from "./decode.js";
import type { DiffusionReport } from "./diffusion-report.js";
import { LONGEST, restRatio } from "./growth.js";
import { bestProbe, chosenByBest, type KernelsReport, WITHIN } from "./kernels.js";
import { costInForwards } from "./kernels/forwards.js";
import type { PeersReport } from "./peers.js";
import { coldRatios } from "./peers-cold.js";
import { fourByOne } from "./sync.js";

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
  const ratio = (ours: string, peer: string, atLeast: number): Finding => {
    const values = ratios.find((entry) => entry.ours === ours && entry.peer === peer)?.values ?? [];
    const value = spreadOf(values).median;
    return { goal: `${ours} / ${peer}: at least ${atLeast}`, value, isMet: value >= atLeast };
  };
  const cold = (ours: string): Finding => {
    const sooner = spreadOf(coldRatios(coldStarts ?? [], ours, NAMES.wasm)).median;
    const goal = `first token of a cold page, ${NAMES.wasm} / ${ours}: at least 1`;
    return { goal, value: sooner, isMet: sooner >= 1 };
  };
  const exact = contenders.filter(({ isFloat32 }) => isFloat32);
  const ids = exact.map(({ name, equalIds, numNewTokens }) => ({
    goal: `${name}: all ${numNewTokens} ids as transformers writes them`,
    value: equalIds,
    isMet: equalIds === numNewTokens,
  }));
  return [
    ratio(NAMES.ours, NAMES.webgpu, 60),
    ratio(NAMES.ours, NAMES.wasm, 0.25),
    { ...ratio(NAMES.ours, NAMES.wasm, 0.35), isStretch: true },
    ratio(NAMES.auto, NAMES.bare, 0.95),
    ratio(NAMES.auto, NAMES.wasm, 1),
    cold(NAMES.ours),
    cold(NAMES.auto),
    ...ids,
  ];
}

/** The goals for counts. */
export function judgeDiffusion({ laws }: DiffusionReport): Finding[] {
  const value = laws.find(({ name }) => name.startsWith("speculative"))?.tokensPerForward ?? Number.NaN;
  return [{ goal: "speculative, 4 draft tokens: more than 1.5 tokens per forward", value, isMet: value > 1.5 }];
}

/** Rows whose kernels are compared with the best isolated ones, shape by shape. */
const PROBED = [1, 8, 64];
const PROBE_SHARE = 0.7;
/** Most that a forward of so many rows may cost, in forwards of one. */
const COSTS = [
  [4, 3],
  [8, 3.6],
  [16, 7.4],
] as const;

const median = (values: readonly number[]) => spreadOf(values).median;

/** The goals for the matrix kernels and the cost of a forward by its rows. */
export function judgeKernels({ products = [], forwards = [] }: Partial<KernelsReport>): Finding[] {
  const probed = PROBED.map((rows): Finding => {
    const shares = products
      .filter((product) => product.rows === rows)
      .map((product) => ({ name: product.product, share: bestProbe(product).share.median }));
    const none = { name: "none", share: Number.NaN };
    const least = shares.reduce((a, b) => (b.share >= a.share ? a : b), none);
    const goal = `M = ${rows}: each matrix (${least.name} the slowest) at ${PROBE_SHARE} of the best probe's speed`;
    return { goal, value: least.share, isMet: least.share >= PROBE_SHARE };
  });
  const counts = forwards.map(({ rows }) => rows);
  const ratios = counts.map((rows) => ({ rows, value: median(chosenByBest(products, rows)) }));
  const most = ratios.reduce((a, b) => (b.value > a.value ? b : a), { rows: 0, value: Number.NEGATIVE_INFINITY });
  const numWithin = ratios.filter(({ value }) => value <= WITHIN).length;
  const each: Finding = {
    goal: `matrices of each M of 1 to 64 at most ${WITHIN} of the fastest kernels' time (${numWithin} are, M = ${most.rows} is the worst)`,
    value: counts.length < 64 ? Number.NaN : most.value,
    isMet: counts.length >= 64 && numWithin === counts.length,
  };
  const costs = counts.includes(1) ? costInForwards(forwards, "all") : new Map<number, number[]>();
  const cost = COSTS.map(([rows, atMost]): Finding => {
    const value = median(costs.get(rows) ?? []);
    return { goal: `v(${rows}), logits of all rows: at most ${atMost}`, value, isMet: value <= atMost };
  });
  return [...probed, each, ...cost];
}

const BY_GREEDY = 1.1;
/** What can't be told from no growth, and from no loss, in such a run. */
const REST_GROWTH = 1.05;
const SYNC = 1.02;

/** The goals for sampling, long contexts and synchronisation. */
export function judgeDecode({ sampled = [], growth = [], sync = [] }: Partial<DecodeReport>): Finding[] {
  const atMost = (goal: string, values: readonly number[], limit: number): Finding => {
    const value = median(values);
    return { goal: `${goal}: at most ${limit}`, value, isMet: value <= limit };
  };
  const ways = sampled.slice(1).map(({ name, byGreedy }) => atMost(`${name} / greedy, a token`, byGreedy, BY_GREEDY));
  return [
    ...(ways.length > 0 ? ways : [atMost("sampled / greedy, a token", [], BY_GREEDY)]),
    atMost(`besides attention, a token behind ${LONGEST} / behind 64`, restRatio(growth, LONGEST), REST_GROWTH),
    atMost("4 steps a synchronisation / 1, a token", fourByOne(sync), SYNC),
  ];
}
