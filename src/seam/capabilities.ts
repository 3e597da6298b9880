import type { TokenId } from "../vocabulary/events.js";
import type { GenerationDefaults } from "./generation-defaults.js";
import type { CacheFormat } from "./cache-format.js";
import type { Rounding } from "./rounding.js";

/** What a head is for: it drafts the next tokens, or samples masks jointly. */
export type HeadKind = "eagle" | "joint";

/** What a model can do. Read from its configuration; compared with a decoder's `needs` before a run starts. */
export interface Capabilities {
  /** Last part of its folder's name: whose law a text has. */
  name: string;
  /** How its weights were rounded at load; null: as they are stored. */
  rounding: Rounding | null;
  /** Name of the LoRA adapter that was added to its weights; left out: none. */
  lora?: string;
  /** How its sessions keep keys and values; left out: in f32. */
  kvCache?: CacheFormat;
  causal: boolean;
  bidirectional: boolean;
  /** Trained block lengths for block-causal reading; empty when the model isn't one. */
  blockLengths: readonly number[];
  /** Trained to predict masked positions from any others, by rank (arXiv 2504.20456). */
  anySubset: boolean;
  /** Predicts a masked position in place (no logit shift). */
  inPlace: boolean;
  maskToken: TokenId | null;
  /** What its sessions answer, by name (`seam/asks.ts`): kinds of questions, requests, extensions. */
  answers: readonly string[];
  /** Why it doesn't answer what others on its backend do, by the same names; left out: it does. */
  lacks?: Readonly<Record<string, string>>;
  /**
   * Rows whose numbers differ in their last bits from those of the same row read alone: those of trees, whose keys aren't all before them,
   * or any that are read together; `rounded`: by more, since such rows are rounded by the largest number among them all. Left out: none, so that judged text may be what is written a token a forward, id for id.
   */
  unlikeRows?: "trees" | "any" | "rounded";
  /** Longest sequence, in tokens. */
  maxLength: number;
  vocabSize: number;
  /** The head that it was loaded with (`extension/eagle`, `extension/joint-sampler`); null without. */
  head: HeadKind | null;
  /** Block lengths that the policy scores that it was loaded with (`extension/length-policy`), in this order; empty without. */
  policyLengths: readonly number[];
  /** Mask tokens of the adapter that it was loaded with (`extension/mask-tokens`); 0 without. */
  numMasks: number;
  /** Its layers; drafting with the first few of them needs more than one. */
  numLayers: number;
  eosTokens: readonly TokenId[];
  /** Ids that stand for tokens, where there are fewer than the vocabulary has: those behind them pad it, and are never drawn. */
  numTokens?: number;
  /** Defaults of the options that aren't given to a run; left out: the options' own. */
  generation?: GenerationDefaults;
}
