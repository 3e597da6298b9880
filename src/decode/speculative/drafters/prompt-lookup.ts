import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { numberOption, type OptionTable } from "../../options.js";
import { hostSource } from "../rounds/host-rounds.js";
import { chainOf, type Draft, MAX_DRAFTS, NO_DRAFT } from "./source.js";

/** How long a sequence lookups look for. */
export const NGRAM_OPTION = {
  max_matching_ngram_size: {
    type: "integer",
    label: "Longest n-gram",
    doc: "Last tokens to look for at most; 2 unless given",
    default: 2,
    min: 1,
    max: 64,
  },
} as const satisfies OptionTable;

/** What a lookup may do. */
export interface Lookup {
  maxNgram: number;
  numTokens: number;
  eosTokens: readonly TokenId[];
}

/**
 * Copies what followed an earlier occurrence of the last tokens. The rule of transformers'
 * `PromptLookupCandidateGenerator`: longest n-gram first, then the leftmost occurrence that something follows; the copy
 * stops before an end token.
 */
export const promptLookup = hostSource({
  name: "prompt-lookup",
  label: "Prompt lookup",
  summary: "What followed the last few tokens where they occurred first",
  isChain: true,
  numTokens: 10,
  options: {
    prompt_lookup_num_tokens: {
      type: "integer",
      label: "Lookup tokens",
      doc: "Hugging Face's name for num_assistant_tokens of this drafter: tokens to copy from the text so far",
      default: null,
      min: 1,
      max: MAX_DRAFTS,
    },
    ...NGRAM_OPTION,
  },
  lengthOf: ({ prompt_lookup_num_tokens: own }) => (typeof own === "number" ? own : null),
  check({ prompt_lookup_num_tokens: own, num_assistant_tokens: wanted }) {
    if (own === null || own === wanted) return;
    throw new InvalidOptionError(
      `prompt_lookup_num_tokens ${String(own)} and num_assistant_tokens ${String(wanted)} are two names for the tokens that prompt-lookup drafts: give one of them.`,
    );
  },
  open({ options, capabilities }) {
    const maxNgram = numberOption(options, "max_matching_ngram_size");
    const { eosTokens } = capabilities;
    return { draft: (ids, numTokens) => lookUp(ids, { maxNgram, numTokens, eosTokens }) };
  },
});

/** The lookup's draft for what comes behind `ids`. */
export function lookUp(ids: readonly TokenId[], { maxNgram, numTokens, eosTokens }: Lookup): Draft {
  for (let n = Math.min(maxNgram, ids.length - 1); n > 0; n--) {
    const suffix = ids.length - n;
    for (let start = 0; start < suffix; start++) {
      let length = 0;
      while (length < n && ids[start + length] === ids[suffix + length]) length++;
      if (length < n) continue;
      const copy = ids.slice(start + n, start + n + numTokens);
      const end = copy.findIndex((token) => eosTokens.includes(token));
      return chainOf(end < 0 ? copy : copy.slice(0, end));
    }
  }
  return NO_DRAFT;
}
