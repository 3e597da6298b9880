import type { TokenId } from "../vocabulary/events.js";
import type { MemoryRule, Measured } from "../seam/questions/measure.js";
import type { Sampler } from "../seam/sampler.js";
import { divergenceNats } from "../vocabulary/figures.js";
import { type Draw, draw, entropyOf, untempered } from "./processors.js";

/** A row's draw and what its law says, in float64: the oracle of the GPU's; without a divergence. */
export function measure(logits: ArrayLike<number>, sampler: Sampler, at: Draw, given?: TokenId): Measured {
  return measureAs(draw(logits, sampler, at), logits, sampler, given);
}

/** The same of a row whose token is known. */
export function measureAs(token: TokenId, logits: ArrayLike<number>, sampler: Sampler, given?: TokenId): Measured {
  const law = untempered(logits, sampler.suppress);
  let top = 0;
  let second = -1;
  for (let id = 1; id < law.length; id++) {
    if (law[id] > law[top]) {
      second = top;
      top = id;
    } else if (second < 0 || law[id] > law[second]) second = id;
  }
  return {
    token,
    logprob: Math.log(law[token]),
    entropy: entropyOf(law),
    top: { token: top, logprob: Math.log(law[top]) },
    secondLogprob: second < 0 ? Number.NEGATIVE_INFINITY : Math.log(law[second]),
    divergence: null,
    given: given === undefined ? null : Math.log(law[given]),
  };
}

/** KL(law of `logits` ‖ law of `earlier`) in nats, suppressed ids left out (KLASS, arXiv 2511.05664). */
export function divergence(
  logits: ArrayLike<number>,
  earlier: ArrayLike<number>,
  suppress: readonly TokenId[],
): number {
  return divergenceNats(untempered(logits, suppress), untempered(earlier, suppress));
}

/**
 * The next credits of a row's tokens, and its logits with them (dInfer, arXiv 2510.08666).
 * `credits` are those of the step before; null for a position's first.
 */
export function withCredit(
  logits: ArrayLike<number>,
  credits: ArrayLike<number> | null,
  { decay, power, weight }: MemoryRule & { keeps: "credit" },
  suppress: readonly TokenId[],
): { logits: Float64Array; credits: Float64Array } {
  const law = untempered(logits, suppress);
  const top = law.indexOf(Math.max(...law));
  const next = law.map((p, id) => decay * (credits?.[id] ?? 0) + (id === top ? p ** power : 0));
  return { credits: next, logits: next.map((credit, id) => logits[id] + weight * Math.log(1 + credit)) };
}
