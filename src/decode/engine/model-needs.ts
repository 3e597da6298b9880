import { EAGLE } from "../../extension/eagle/key.js";
import { JOINT_SAMPLER } from "../../extension/joint-sampler/key.js";
import { MASK_TOKENS } from "../../extension/mask-tokens/key.js";
import type { Capabilities } from "../../seam/capabilities.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { secondModel } from "../companion.js";
import type { Needs } from "../decoder.js";
import type { PlannedRequest } from "./planned-request.js";

/** Extensions that a target may have been loaded without: how that is told, and what to load. */
const LOADED: Readonly<Record<string, { isThere(capabilities: Capabilities): boolean; what: string }>> = {
  [EAGLE.extension]: {
    isThere: ({ head }) => head === "eagle",
    what: "an EAGLE head (load(url, { head }), or --head)",
  },
  [JOINT_SAMPLER.extension]: {
    isThere: ({ head }) => head === "joint",
    what: "a joint sampler (load(url, { head }), or --head)",
  },
  [MASK_TOKENS.extension]: {
    isThere: ({ numMasks }) => numMasks > 0,
    what: "an adapter (load(url, { adapter }), or --adapter)",
  },
};
/** Every target has it. */
const ALWAYS = { isThere: () => true, what: "" };

const DRAFT_MODEL = "give one as draft, with --draft DIR on the command line";

/** Refuses models that lack what a decoder needs: the error names all that is missing. */
export function checkNeeds(needs: Needs, request: PlannedRequest): void {
  const { decoder, capabilities, draftCapabilities, retokenizer } = request;
  const missing: string[] = [];
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
  if (needs.policy && capabilities.policyLengths.length === 0) {
    missing.push("a model loaded with a policy for its blocks (load(url, { head }), or --head)");
  }
  for (const companion of Object.values(needs.beside ?? {})) {
    if (!("key" in companion)) continue;
    const { isThere, what } = LOADED[companion.key.extension] ?? ALWAYS;
    if (!isThere(capabilities)) missing.push(`a model loaded with ${what}`);
  }
  const second = secondModel(needs.beside);
  if (second) {
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
    } else if (retokenizer && !retokenizer.sharesVocabulary()) {
      missing.push(
        "a draft model with the target's tokens (this one's ids stand for others); the drafter retokenized takes any",
      );
    } else if (draftCapabilities.vocabSize !== capabilities.vocabSize && !retokenizer) {
      missing.push(
        `a draft model with the target's vocabulary (${draftCapabilities.vocabSize} ids, the target has ${capabilities.vocabSize}); the drafter retokenized takes any`,
      );
    } else if (draftCapabilities.vocabSize < numTokensOf(capabilities)) {
      missing.push(
        `a draft model with all of the target's ${numTokensOf(capabilities)} tokens (this one's ids end at ${draftCapabilities.vocabSize - 1}); the drafter retokenized takes any`,
      );
    }
  }
  if (missing.length === 0) return;
  throw new InvalidOptionError(`The decoder ${decoder.name} needs ${missing.join("; ")}.`, "unsupported_model");
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
