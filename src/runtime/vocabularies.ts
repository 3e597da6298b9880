import { numTokensOf } from "../decode/engine/model-needs.js";
import { folderName } from "../format/source.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { compareVocabularies, differenceOf, type VocabularyComparison } from "../tokenizer/vocabularies.js";
import { InvalidOptionError } from "../vocabulary/errors.js";

/** Whether one model's ids can be another's, as speculation, guidance and energies ask for. */
export interface VocabularyReport extends VocabularyComparison {
  /** Last part of each model's address: the target, and the model that is to run beside it. */
  target: string;
  beside: string;
  /** Ids of one are ids of the other. Those that pad an embedding, and a mask that one has besides, count for nothing. */
  isShared: boolean;
  /** What differs and what to do, in one sentence or two. */
  says: string;
}

/** What is read of a model. */
interface Compared {
  tokenizer: Tokenizer | null;
  capabilities: Capabilities;
  name: string;
}

/** Compares a target's vocabulary with that of a model beside it. Throws `InvalidOptionError` where one has no tokenizer. */
export function reportVocabularies(target: Compared, beside: Compared): VocabularyReport {
  const names = { target: folderName(target.name), beside: folderName(beside.name) };
  if (!target.tokenizer || !beside.tokenizer) {
    const without = target.tokenizer ? names.beside : names.target;
    throw new InvalidOptionError(
      `${without} has no tokenizer.json, so that its vocabulary can't be compared: put one into its folder.`,
    );
  }
  const comparison = compareVocabularies(target.tokenizer, beside.tokenizer);
  const difference = differenceOf(comparison) || shortfall(target, beside);
  return {
    ...names,
    ...comparison,
    isShared: difference === "",
    says: sayingOf(names, comparison, difference, beside),
  };
}

/** What a target's tokens lack beside it, in words: rows of an embedding. Empty where there are enough. */
function shortfall({ capabilities: target }: Compared, { capabilities: { vocabSize } }: Compared): string {
  const numTokens = numTokensOf(target);
  return vocabSize >= numTokens ? "" : `its ids end at ${vocabSize - 1}, and the target has ${numTokens} tokens`;
}

function sayingOf(
  { target, beside }: { target: string; beside: string },
  { numShared, numOwnOnly, numOtherOnly }: VocabularyComparison,
  difference: string,
  { capabilities }: Compared,
): string {
  if (difference === "") {
    const alone = [
      ...(numOwnOnly > 0 ? [`${numOwnOnly} of ${target}'s alone`] : []),
      ...(numOtherOnly > 0 ? [`${numOtherOnly} of ${beside}'s alone`] : []),
    ];
    return `${beside} shares ${target}'s vocabulary: ${[`${numShared} tokens in common`, ...alone].join(", ")}.`;
  }
  const way =
    capabilities.causal && !capabilities.inPlace
      ? "As a draft model it runs by the drafter retokenized, which goes by the text; nothing else takes it beside this target."
      : "Nothing takes it beside this target; by itself it writes as ever.";
  return `${beside} doesn't share ${target}'s vocabulary: ${difference}. ${way}`;
}
