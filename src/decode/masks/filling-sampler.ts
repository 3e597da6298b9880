import type { TokenId } from "../../vocabulary/events.js";
import type { Sampler } from "../../seam/sampler.js";
import type { Run } from "../decoder.js";

/** The sampler of a run that fills masks: they are never filled with masks, nor holes with ends, since a text goes on behind them. */
export function fillingSampler({ sampler, options, capabilities }: Run, mask: TokenId): Sampler {
  const ends = options.infill === true ? capabilities.eosTokens : [];
  return { ...sampler, suppress: [...sampler.suppress, mask, ...ends] };
}
