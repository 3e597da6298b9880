import type { TokenId } from "../vocabulary/events.js";
import type { Chance } from "../sampling/verify/chance.js";

/**
 * Walks every way that a run's random choices can fall, one path a run, and knows each path's probability: as a chance it stands in
 * for the noise of a mock (`MockModel.drawing`).
 */
export class Paths implements Chance {
  private readonly trail: { index: number; weights: readonly number[] }[] = [];
  private depth = 0;

  /** Product of the chosen weights so far. */
  get probability(): number {
    return this.trail.slice(0, this.depth).reduce((product, { index, weights }) => product * weights[index], 1);
  }

  /** One of the outcomes with these weights. */
  choose(weights: ArrayLike<number>): number {
    if (this.depth === this.trail.length) {
      const asked = Array.from(weights);
      const total = asked.reduce((a, b) => a + b, 0);
      const shares = asked.map((weight) => weight / total);
      this.trail.push({ index: nextPossible(shares, -1), weights: shares });
    }
    return this.trail[this.depth++].index;
  }

  accept(probability: number): boolean {
    const share = Math.min(1, probability);
    return this.choose([1 - share, share]) === 1;
  }

  draw(weights: Float64Array): TokenId {
    return this.choose(weights);
  }

  /** Goes to the next path; false after the last. */
  next(): boolean {
    this.depth = 0;
    for (;;) {
      const last = this.trail.at(-1);
      if (!last) return false;
      last.index = nextPossible(last.weights, last.index);
      if (last.index < last.weights.length) return true;
      this.trail.pop();
    }
  }
}

function nextPossible(weights: readonly number[], index: number): number {
  let next = index + 1;
  while (next < weights.length && weights[next] === 0) next++;
  return next;
}
