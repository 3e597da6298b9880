import type { Capabilities } from "../../seam/capabilities.js";
import type { TokenId } from "../../vocabulary/events.js";
import { numTokensOf } from "./model-needs.js";

/** Ids that no run of a model ever writes, of a vocabulary of `vocabSize`: those that stand for no token, and what its own settings leave out. */
export function suppressedOf(capabilities: Capabilities, vocabSize = capabilities.vocabSize): TokenId[] {
  const { causal, maskToken, generation } = capabilities;
  const numTokens = numTokensOf(capabilities);
  return [
    ...Array.from({ length: vocabSize - numTokens }, (_, i) => numTokens + i),
    // A model that writes left to right and fills masks, too, may be asked for a next token: never for a mask.
    ...(causal && maskToken !== null ? [maskToken] : []),
    ...(generation?.suppress ?? []).filter((id) => id < capabilities.vocabSize),
  ];
}
