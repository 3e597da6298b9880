/**
 * The one definition of every figure that is shown: by the page, the library's `metrics`, the command line and the
 * benchmarks. docs/figures.md says the same in words. A figure that doesn't exist is `null`, never 0 or infinite.
 */

/** How much text there was at a moment of a run: tokens that the run has written, and milliseconds since its beginning. */
export interface Moment {
  tokens: number;
  atMs: number;
}

/**
 * Decode rate: tokens behind the first step that wrote any, by the time behind it up to the last step that wrote. So a first
 * step of many tokens isn't counted as if it had taken no time. Where no later step wrote more, all tokens by the time of the
 * whole run.
 */
export function tokensPerSecond(firstStep: Moment | null, last: Moment): number | null {
  const isLater = firstStep !== null && last.tokens > firstStep.tokens && last.atMs > firstStep.atMs;
  const from = isLater ? firstStep : { tokens: 0, atMs: 0 };
  return rate(last.tokens - from.tokens, last.atMs - from.atMs, 1000);
}

/** Tokens of the completion by main-model forwards, those of the prompt included: block efficiency, with one verification a forward. */
export function tokensPerForward(tokens: number, forwards: number): number | null {
  return rate(tokens, forwards);
}

/** Share of the proposed drafts that were accepted; drafts behind a rejected one count as rejected. */
export function acceptance(accepted: number, proposed: number): number | null {
  return rate(accepted, proposed);
}

/** Tokens of the completion by steps of the decoder. */
export function commitsPerStep(tokens: number, steps: number): number | null {
  return rate(tokens, steps);
}

/** Speed-up as measured: one decode rate by plain decoding's, from the same prompt. */
export function speedUp(rateOfRun: number | null, rateOfPlain: number | null): number | null {
  return rateOfRun !== null && rateOfPlain !== null ? rate(rateOfRun, rateOfPlain) : null;
}

/** Counts of the steps behind the first one that wrote, and what they cost in forwards of one row: a plain step's cost is 1. */
export interface CountedCosts {
  tokens: number;
  /** The target's forwards, by their rows. */
  verifying: number;
  /** The drafter's forwards. */
  drafting: number;
  /** Waits for results while the device had nothing to do. */
  waiting: number;
}

/** Speed-up as counts and measured costs give it: plain decoding writes as many tokens at a cost of 1 each. */
export function predictedSpeedUp({ tokens, verifying, drafting, waiting }: CountedCosts): number | null {
  return rate(tokens, verifying + drafting + waiting);
}

/** The largest speed-up that counts and costs allow, if nothing is ever waited for: a measured one above it isn't of this run. */
export function largestSpeedUp(costs: CountedCosts): number | null {
  return predictedSpeedUp({ ...costs, waiting: 0 });
}

/**
 * Divergence of two laws, KL(p ‖ q) in nats; 0 for equal ones. Of two orders of a prompt: between the model's laws of the next token
 * behind them, before any option changes these.
 */
export function divergenceNats(p: Float64Array, q: Float64Array): number {
  return p.reduce((sum, mass, id) => sum + (mass > 0 ? mass * Math.log(mass / q[id]) : 0), 0);
}

/**
 * Isotropy of a text: 1 less the mean cosine between the states of two of its tokens, over all pairs of different places, prompt
 * included. A token's state is what the LM head reads of it. `squaredSum`: the squared length of the sum of the states, each of length
 * 1, which holds every pair twice and each place with itself.
 */
export function isotropy(squaredSum: number, numTokens: number): number | null {
  const mean = rate(squaredSum - numTokens, numTokens * (numTokens - 1));
  return mean === null ? null : 1 - mean;
}

function rate(count: number, by: number, unit = 1): number | null {
  return by > 0 ? (count * unit) / by : null;
}
