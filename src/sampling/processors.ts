import type { TokenId } from "../vocabulary/events.js";
import { invariant } from "../vocabulary/errors.js";
import type { Selected } from "../seam/questions/sample.js";
import type { Sampler } from "../seam/sampler.js";
import { exponential, PURPOSE } from "./noise.js";

/** Where a draw happens. */
export interface Draw {
  /** The position being filled. */
  position: number;
  draw: number;
  /** Ids that the repetition penalty applies to; order and repeats don't matter. */
  history: Iterable<TokenId>;
}

/** What a draw's token is worth in the untempered law, and that law's entropy in nats. */
interface Law {
  logprob: number;
  entropy: number;
}

/**
 * The sampler chain in float64, the oracle of the GPU's: penalties, bias, suppressed ids, temperature, top-k, top-p,
 * min-p, noise. `logprob` and `entropy` are of the softmax of the given logits without the suppressed ids.
 */
export function select(logits: ArrayLike<number>, sampler: Sampler, at: Draw): Selected & Law {
  const token = draw(logits, sampler, at);
  const law = untempered(logits, sampler.suppress);
  return { token, logprob: Math.log(law[token]), entropy: entropyOf(law) };
}

/** The token that `select` gives. */
export function draw(logits: ArrayLike<number>, sampler: Sampler, at: Draw): TokenId {
  const processed = process(logits, sampler, at.history);
  return sampler.temperature === 0 ? argmax(processed) : race(keptLogits(processed, sampler), sampler, at);
}

/** The law that `select` draws from: probabilities after the whole chain but the noise. Sums to 1. */
export function probabilities(logits: ArrayLike<number>, sampler: Sampler, history: Iterable<TokenId>): Float64Array {
  const processed = process(logits, sampler, history);
  if (sampler.temperature === 0) return Float64Array.from(processed, (_, id) => (id === argmax(processed) ? 1 : 0));
  return softmax(keptLogits(processed, sampler));
}

/** Probabilities of these logits; -Infinity has none. */
export function softmax(logits: Float64Array): Float64Array {
  let max = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) max = Math.max(max, logits[id]);
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let id = 0; id < logits.length; id++) {
    weights[id] = Math.exp(logits[id] - max);
    total += weights[id];
  }
  for (let id = 0; id < logits.length; id++) weights[id] /= total;
  return weights;
}

function process(logits: ArrayLike<number>, sampler: Sampler, history: Iterable<TokenId>): Float64Array {
  const processed = new Float64Array(logits);
  const { repetitionPenalty: penalty } = sampler;
  if (penalty !== 1) {
    for (const id of new Set(history)) processed[id] *= processed[id] < 0 ? penalty : 1 / penalty;
  }
  for (const [id, bias] of sampler.logitBias) processed[id] += bias;
  for (const id of sampler.suppress) processed[id] = Number.NEGATIVE_INFINITY;
  return processed;
}

function keptLogits(processed: Float64Array, { temperature, topK, topP, minP }: Sampler): Float64Array {
  const kept = new Float64Array(processed.length);
  for (let id = 0; id < kept.length; id++) kept[id] = processed[id] / temperature;
  const dropBelow = (floor: number) => {
    for (let id = 0; id < kept.length; id++) if (kept[id] < floor) kept[id] = Number.NEGATIVE_INFINITY;
  };
  if (topK > 0 && topK < kept.length) dropBelow(Float64Array.from(kept).sort()[kept.length - topK]);
  if (topP < 1) {
    const probability = softmax(kept);
    let mass = 0;
    const isCrossing = (next: number) => {
      mass += next;
      return mass >= topP;
    };
    const crossing = Float64Array.from(probability).sort().reverse().find(isCrossing) ?? 0;
    for (let id = 0; id < kept.length; id++) if (probability[id] < crossing) kept[id] = Number.NEGATIVE_INFINITY;
  }
  if (minP > 0) dropBelow(kept[argmax(kept)] + Math.log(minP));
  return kept;
}

function race(kept: Float64Array, sampler: Sampler, { position, draw }: Draw): TokenId {
  const noisy = new Float64Array(kept.length).fill(Number.NEGATIVE_INFINITY);
  for (let id = 0; id < kept.length; id++) {
    if (kept[id] === Number.NEGATIVE_INFINITY) continue;
    noisy[id] = kept[id] - Math.log(exponential(sampler.seed, PURPOSE.token, position, draw, id));
  }
  return argmax(noisy);
}

/** The largest value's index, the lowest one on ties. */
export function argmax(values: ArrayLike<number>): number {
  let best = -1;
  for (let id = 0; id < values.length; id++) {
    if (values[id] > (best < 0 ? Number.NEGATIVE_INFINITY : values[best])) best = id;
  }
  invariant(best >= 0, "no token is left to choose from");
  return best;
}

/** The `k` largest values' indices, the largest first and of equal ones the lowest, among those over negative infinity. */
export function largest(values: ArrayLike<number>, k: number): number[] {
  const best: number[] = [];
  let floor = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < values.length; id++) {
    // A later one of the same value is behind; as is NaN.
    if (!(values[id] > floor)) continue;
    let place = best.length;
    while (place > 0 && values[best[place - 1]] < values[id]) place--;
    best.splice(place, 0, id);
    if (best.length > k) best.pop();
    if (best.length === k) floor = values[best[k - 1]];
  }
  return best;
}

/** Probabilities of the model's own law, suppressed ids left out. */
export function untempered(logits: ArrayLike<number>, suppress: readonly TokenId[]): Float64Array {
  const law = new Float64Array(logits);
  for (const id of suppress) law[id] = Number.NEGATIVE_INFINITY;
  return softmax(law);
}

/** In nats. */
export function entropyOf(law: Float64Array): number {
  let entropy = 0;
  for (let id = 0; id < law.length; id++) if (law[id] > 0) entropy -= law[id] * Math.log(law[id]);
  return entropy;
}
