import { PURPOSE } from "../noise.js";
import type { Law } from "./chance.js";
import { childrenOf, draftLaws, massOf, pathTo, ratio, type Verifier } from "./verifier.js";

/**
 * k whole chains, drawn independently from one draft law. At each depth the chains that agree with what is accepted are
 * tried in turn at one scale rho, so that each is accepted equally often (SpecTr, arXiv 2310.15141: k-SEQ). At least
 * (1 - 1/e) of what the best rule could accept.
 */
export const kseq: Verifier = {
  name: "kseq",
  label: "k-SEQ",
  summary: "Several independent chains of drafts, tried in turn at one scale: accepts more than a single chain",
  fidelity: "distribution",
  shape: "chains",
  needsDraftLaw: true,
  needsRawLaw: false,
  decide(round, chance) {
    let nodes = [-1];
    for (let depth = 0; ; depth++) {
      const row = nodes[0] + 1;
      const p = round.target[row];
      const path = () => pathTo(round, nodes[0]);
      const drafts = nodes.flatMap((node) => childrenOf(round, node));
      if (drafts.length === 0) return { path: path(), token: chance.draw(p, PURPOSE.token, depth, 0) };
      const q = draftLaws(round)[row];
      const { scale, residual } = kseqPosition(p, q, drafts.length);
      const accepted = drafts.find((draft, chain) =>
        chance.accept(ratio(p, q, round.tokens[draft]) / scale, depth, chain),
      );
      if (accepted === undefined) {
        return { path: path(), token: chance.draw(weightsOf(residual, p), PURPOSE.residual, depth, 0) };
      }
      // Chains with this token are still independent, given what they share; their number is smaller, so is the scale.
      nodes = drafts.filter((draft) => round.tokens[draft] === round.tokens[accepted]);
    }
  },
};

/** One position of k-SEQ with `k` independent drafts of q. */
export interface KseqPosition {
  /** rho: a draft x passes with probability min(1, p(x) / (rho q(x))). */
  scale: number;
  /** That any of the k drafts passes. */
  acceptance: number;
  /** p less what the accepted drafts give: sums to 1 - acceptance, and is negative by rounding alone. */
  residual: Law;
}

/**
 * A scale in [1, k] that leaves a residual without negative parts, and what follows from it. The smallest one accepts
 * most; this is at most (k - 1) / 4096 above it.
 */
export function kseqPosition(p: Law, q: Law, k: number): KseqPosition {
  const scale = kseqScale(p, q, k);
  const single = acceptanceAt(p, q, scale);
  const acceptance = anyOf(k, single);
  // Disjoint laws: nothing is ever accepted, and 0 / 0 stands for any share of nothing.
  const share = single > 0 ? acceptance / single : 0;
  return {
    scale,
    acceptance,
    residual: p.map((probability, x) => probability - Math.min(q[x], probability / scale) * share),
  };
}

/** The search for a scale: so many times, to one part of so many. `kseq_narrow.wgsl` searches at the same places. */
const SCALE_SEARCH = { numRounds: 3, numParts: 16 } as const;

function kseqScale(p: Law, q: Law, k: number): number {
  const isValid = (scale: number) => {
    const single = acceptanceAt(p, q, scale);
    return anyOf(k, single) <= scale * single;
  };
  if (k === 1 || isValid(1)) return 1;
  let [low, high] = [1, k];
  for (let round = 0; round < SCALE_SEARCH.numRounds; round++) {
    const part = (high - low) / SCALE_SEARCH.numParts;
    let index = 1;
    while (index < SCALE_SEARCH.numParts && !isValid(low + part * index)) index++;
    if (index < SCALE_SEARCH.numParts) high = low + part * index;
    low += part * (index - 1);
  }
  // The upper end: any scale above the smallest valid one is valid, none below is.
  return high;
}

function acceptanceAt(p: Law, q: Law, scale: number): number {
  let sum = 0;
  for (let token = 0; token < p.length; token++) sum += Math.min(q[token], p[token] / scale);
  return Math.min(1, sum);
}

/** 1 - (1 - single)^k, without losing what is small. */
function anyOf(k: number, single: number): number {
  return -Math.expm1(k * Math.log1p(-single));
}

function weightsOf(residual: Law, p: Law): Law {
  const weights = residual.map((weight) => Math.max(weight, 0));
  return massOf(weights) > 0 ? weights : p;
}
