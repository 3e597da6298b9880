import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import { exponential, PURPOSE, type Purpose, uniform } from "../noise.js";

/** A weight per token id, none negative; a probability each where a rule compares laws, in any scale where it draws. */
export type Law = Float64Array;

/**
 * Where a rule's randomness comes from. A rule asks for nothing twice: each of its decisions has its own (purpose,
 * depth, chain). So one text of a rule serves to draw (`noiseChance`) and to compute its law (`outcomesOf`).
 */
export interface Chance {
  /** True with this probability; more than 1 is 1. `depth`: of the draft that is decided on, 0 behind the known text. */
  accept(probability: number, depth: number, chain: number): boolean;
  /** A token drawn from these weights for the position at `depth`. */
  draw(weights: Law, purpose: Purpose, depth: number, chain: number): TokenId;
}

/** Which noise a round uses. */
export interface RoundKey {
  /** Unsigned 32-bit. */
  seed: number;
  /** The position that a draft of depth 0 fills: a round is known by it, since each begins behind the one before. */
  position: number;
}

/** Chains, or drafts behind one node, that a round's noise tells apart. */
const MAX_CHAINS = 64;

/**
 * Decides by the noise: a draw is position * 64 + chain, except that of purpose "token", which is autoregressive's own
 * (draw 0) whatever the chain.
 */
export function noiseChance({ seed, position }: RoundKey): Chance {
  const drawOf = (chain: number) => {
    invariant(chain < MAX_CHAINS, `a round has at most ${MAX_CHAINS} chains, not ${chain + 1}`);
    return position * MAX_CHAINS + chain;
  };
  return {
    accept: (probability, depth, chain) =>
      uniform(seed, PURPOSE.accept, position + depth, drawOf(chain), 0) < probability,
    draw(weights, purpose, depth, chain) {
      const draw = purpose === PURPOSE.token ? 0 : drawOf(chain);
      return race(weights, (token) => exponential(seed, purpose, position + depth, draw, token));
    },
  };
}

/** A result and how likely it is. */
export interface Outcome<T> {
  value: T;
  probability: number;
}

/**
 * Everything that can come out of `program`, each way to it once, with exact probabilities: runs it again and again and
 * answers its questions in every possible way. Takes its decisions as independent, which they are if none is asked twice.
 */
export function* outcomesOf<T>(program: (chance: Chance) => T): Generator<Outcome<T>, void, void> {
  const forks: { weights: readonly number[]; taken: number }[] = [];
  let depth = 0;
  let probability = 1;
  const choose = (weights: ArrayLike<number>) => {
    if (depth === forks.length) {
      const asked = Array.from(weights);
      const total = asked.reduce((a, b) => a + b, 0);
      const shares = asked.map((weight) => weight / total);
      forks.push({ weights: shares, taken: nextPossible(shares, 0) });
    }
    const { weights: shares, taken } = forks[depth++];
    probability *= shares[taken];
    return taken;
  };
  const chance: Chance = {
    accept(share) {
      const clamped = Math.min(share, 1);
      return choose([1 - clamped, clamped]) === 1;
    },
    draw: (weights) => choose(weights),
  };
  do {
    depth = 0;
    probability = 1;
    yield { value: program(chance), probability };
    while (forks.length > 0) {
      const last = forks[forks.length - 1];
      last.taken = nextPossible(last.weights, last.taken + 1);
      if (last.taken < last.weights.length) break;
      forks.pop();
    }
  } while (forks.length > 0);
}

function nextPossible(weights: readonly number[], from: number): number {
  let next = from;
  while (next < weights.length && !(weights[next] > 0)) next++;
  return next;
}

/** The first to arrive when each token arrives at its rate: drawn by weight, the lowest id on ties. */
function race(weights: Law, noise: (token: TokenId) => number): TokenId {
  let best = -1;
  let soonest = Number.POSITIVE_INFINITY;
  for (let token = 0; token < weights.length; token++) {
    if (!(weights[token] > 0)) continue;
    const arrival = noise(token) / weights[token];
    if (arrival < soonest) [best, soonest] = [token, arrival];
  }
  invariant(best >= 0, "a draw needs a token with weight");
  return best;
}
