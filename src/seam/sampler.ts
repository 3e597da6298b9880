import type { TokenId } from "../vocabulary/events.js";

/** Everything that drawing a token applies, in this order: penalties, bias, suppressed ids, temperature, top-k, top-p, min-p, noise. */
export interface Sampler {
  /** 0 is greedy: the largest processed logit, lowest id on ties. */
  temperature: number;
  /** 0 is off. Ids tied with the k-th are kept. */
  topK: number;
  /** 1 is off. The id that crosses p is kept. */
  topP: number;
  /** 0 is off. */
  minP: number;
  /** 1 is off. */
  repetitionPenalty: number;
  logitBias: ReadonlyMap<TokenId, number>;
  /** Ids that are never drawn and count for nothing in `logprob`. */
  suppress: readonly TokenId[];
  /** Unsigned 32-bit. */
  seed: number;
}

/** The sampler that changes nothing and takes the likeliest token. */
export const GREEDY: Sampler = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  logitBias: new Map(),
  suppress: [],
  seed: 0,
};
