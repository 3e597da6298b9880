import { type Ask, nameOf } from "../../seam/asks.js";
import type { Capabilities } from "../../seam/capabilities.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { asksOf } from "../asks.js";
import { secondModel } from "../companion.js";
import type { Needs } from "../decoder.js";
import type { PlannedRequest } from "./planned-request.js";

const DRAFT_MODEL = "give one as draft, with --draft DIR on the command line";

/** Refuses models that lack what a decoder needs: the error names all that is missing. */
export function checkNeeds(needs: Needs, request: PlannedRequest): void {
  const { decoder, capabilities, draftCapabilities, retokenizer } = request;
  const missing: string[] = [];
  /** Nothing is wrong but the draft model's tokens, and the drafter `retokenized` takes them. */
  let isOther = false;
  if (needs.causal && !capabilities.causal) {
    const reads =
      capabilities.blockLengths.length > 0 ? "blocks: choose block-diffusion" : "whole: choose masked-diffusion";
    missing.push(`a model that reads left to right (this one reads ${reads})`);
  }
  if (needs.block !== undefined && !capabilities.blockLengths.includes(needs.block)) {
    missing.push("a model trained on blocks (this one isn't)");
  }
  if (needs.full && !readsWhole(capabilities)) {
    const reads = capabilities.blockLengths.length > 0 ? "reads blocks: choose block-diffusion" : "doesn't";
    missing.push(`a model that reads the whole canvas (this one ${reads})`);
  }
  if (needs.anySubset && !capabilities.anySubset) {
    missing.push("a model trained to predict any subset of a text from any other (no loaded one is, none is embedded)");
  }
  if (needs.maskToken && capabilities.maskToken === null) missing.push("a mask token");
  if (needs.inPlace && !capabilities.inPlace) missing.push("a model that predicts masked positions in place");
  const asks = asksOf(needs);
  missing.push(...unanswered(asks.target, capabilities, "a model"));
  const second = secondModel(needs.beside);
  if (second) {
    const difference = second.isRetokenized ? null : retokenizer?.difference();
    // Drafts alone may be of another vocabulary: whatever weighs or changes the target's tokens reads its ids.
    const any = decoder.name === "speculative" ? "; the drafter retokenized takes any" : "";
    const { block: draftBlock } = second;
    const how = draftBlock === undefined ? "" : ` trained on blocks of ${draftBlock}`;
    if (!draftCapabilities) {
      const without = decoder.name === "speculative" ? "; the drafters suffix and prompt-lookup need none" : "";
      missing.push(`a draft model${how} (${DRAFT_MODEL}${without})`);
    } else if (draftBlock !== undefined && !fillsBlocks(draftCapabilities, draftBlock)) {
      const { blockLengths } = draftCapabilities;
      missing.push(`a draft model${how} (this one: ${blockLengths.length > 0 ? blockLengths.join(", ") : "on none"})`);
    } else if (draftBlock === undefined && !draftCapabilities.causal)
      missing.push("a draft model that reads left to right");
    else if (second.isRetokenized) {
      if (!retokenizer) missing.push("a tokenizer.json beside both models");
    } else if (difference) {
      isOther = missing.length === 0 && decoder.name === "speculative";
      missing.push(`a draft model with the target's tokens (this one's differ: ${difference})${any}`);
    } else if (draftCapabilities.vocabSize !== capabilities.vocabSize && !retokenizer) {
      missing.push(
        `a draft model with the target's vocabulary (${draftCapabilities.vocabSize} ids, the target has ${capabilities.vocabSize})${any}`,
      );
    } else if (draftCapabilities.vocabSize < numTokensOf(capabilities)) {
      missing.push(
        `a draft model with all of the target's ${numTokensOf(capabilities)} tokens (this one's ids end at ${draftCapabilities.vocabSize - 1})${any}`,
      );
    }
    if (draftCapabilities) missing.push(...unanswered(asks.second, draftCapabilities, "a draft model"));
  }
  if (missing.length === 0) return;
  const code = isOther && missing.length === 1 ? "other_vocabulary" : "unsupported_model";
  throw new InvalidOptionError(`The decoder ${decoder.name} needs ${missing.join("; ")}.`, code);
}

/** What a run asks for that isn't among a model's answers, in the words of an error: what to load, or which backend it takes. */
function unanswered(asks: readonly Ask[], { answers, lacks = {} }: Capabilities, whose: string): string[] {
  const lacking = asks.filter((ask) => !answers.includes(nameOf(ask)));
  const explained = lacking.map(nameOf).filter((name) => Object.hasOwn(lacks, name));
  const unexplained = lacking.filter((ask) => !explained.includes(nameOf(ask)));
  const loads = unexplained.flatMap((ask) => (typeof ask === "object" && ask.how !== undefined ? [ask] : []));
  const others = unexplained.filter((ask) => typeof ask === "string" || ask.how === undefined).map(nameOf);
  return [
    ...explained.map((name) => `${whose} that answers ${name} (${lacks[name]})`),
    ...loads.map(({ what, how }) => `${whose} loaded with ${what} (${how})`),
    ...(others.length > 0
      ? [`${whose} on a backend that answers ${others.join(", ")} (WebGPU's does, this one's doesn't)`]
      : []),
  ];
}

/** Ids that stand for tokens; those behind them pad the vocabulary. */
export function numTokensOf({ vocabSize, numTokens = vocabSize }: Capabilities): number {
  return numTokens;
}

/** Whether a model was trained on a whole canvas: without blocks, or in one that is as long as its context. */
function readsWhole({ bidirectional, blockLengths, maxLength }: Capabilities): boolean {
  return bidirectional && (blockLengths.length === 0 || blockLengths.includes(maxLength));
}

function fillsBlocks({ blockLengths, maskToken, inPlace }: Capabilities, length: number): boolean {
  return blockLengths.includes(length) && maskToken !== null && inPlace;
}
