import { TEXT_DRAFTS } from "../../../extension/text-drafts/key.js";
import { numberOption } from "../../options.js";
import { deviceSource } from "../rounds/device-rounds.js";
import { NGRAM_OPTION } from "./prompt-lookup.js";

/**
 * The rule of `prompt-lookup` on the device, with rounds that don't wait for each other. It always drafts all its tokens: where
 * the text has no more to copy it repeats what it copied, and where it has nothing to copy the last token.
 */
export const deviceLookup = deviceSource({
  name: "device-lookup",
  label: "Prompt lookup, on the device",
  summary: "Prompt lookup in a kernel, so that rounds needn't wait for each other",
  isChain: true,
  numTokens: 4,
  authorsTokens: 10,
  options: NGRAM_OPTION,
  open({ options, target }) {
    const maxNgram = numberOption(options, "max_matching_ngram_size");
    const drafts = target.beside(TEXT_DRAFTS);
    return {
      parents: (count) => Array.from({ length: count }, (_, i) => i - 1),
      draft: (last, count) => drafts.copy({ last, maxNgram, count }),
      isTaught: false,
    };
  },
});
