import type { TokenId } from "../vocabulary/events.js";
import type { FloatDtype } from "../format/tensor.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { GenerationDefaults } from "../seam/generation-defaults.js";

/** Function between the feed-forward matrices. */
export type Activation = "silu" | "gelu" | "gelu_tanh" | "relu";

/** A division by the root mean square whose gain goes into the product before it, and whose scale into the one behind it. */
export interface FoldedRms {
  way: "folded";
  eps: number;
  /** Added to each stored gain: 1 where a file holds what is above 1. */
  gainOffset: 0 | 1;
}

/** A norm that is a kernel of its own: one that can't be folded, or that no product follows. */
export interface PlainNorm {
  way: "plain";
  /** `layer` takes the mean away first. */
  kind: "rms" | "layer";
  eps: number;
  gainOffset: 0 | 1;
  hasBias: boolean;
}

/** How rows are normed. The one place that tells which kernels do it. */
export type NormSpec = FoldedRms | PlainNorm;

/** How heads of q and k are turned by their position. */
export interface RopeSpec {
  /** Channels of a head that are rotated; channel i is paired with i + rotaryDim / 2. */
  rotaryDim: number;
  /** Radians per position, `rotaryDim / 2` of them. */
  inverseFrequencies: Float64Array;
  /** Factor on cosine and sine. */
  attentionScale: number;
  /** How the frequencies are others where a model is loaded for more than `length` positions; null: they aren't. */
  beyond: RopeBeyond | null;
}

/** Frequencies of their own, or those of a base that grows with the context (NTK). */
export type RopeBeyond =
  | { kind: "frequencies"; length: number; inverseFrequencies: Float64Array }
  | { kind: "base"; length: number; theta: number; factor: number; channels: number };

/** One decoder layer. */
export interface LayerSpec {
  attention: {
    /** Null: the residual stream is read as it is. */
    norm: NormSpec | null;
    /** The norm of what comes out, before it joins the residual stream. */
    after: PlainNorm | null;
    /** Null: heads aren't rotated. */
    rope: RopeSpec | null;
    /** Row q sees key k iff `position[q] − position[k] < window`; null sees all. */
    window: number | null;
    /** Factor on q·k. */
    scale: number;
    /** Scores stay within ± this: cap · tanh(score / cap), before windows; left out: they are as they are. */
    softCap?: number;
  };
  mlp: {
    /** Null: the residual stream is read as it is. */
    norm: NormSpec | null;
    after: PlainNorm | null;
    /** `gated`: activate(gate x) · (up x); `plain`: activate(up x). */
    kind: "gated" | "plain";
    activation: Activation;
  };
  /** The feed-forward block reads the residual stream as it was before the attention; both norms are plain then. */
  isParallel: boolean;
}

/** What a config says of a model however it is stored: which tokens it knows, and how it reads. */
export interface ModelFacts {
  modelType: string;
  vocabSize: number;
  /** Longest sequence, in tokens. */
  maxLength: number;
  /** Longest context that is taken unasked, where more would change how positions are read. */
  trainedLength?: number;
  bosToken: TokenId | null;
  eosTokens: TokenId[];
  maskToken: TokenId | null;
  causal: boolean;
  bidirectional: boolean;
  /** Trained block lengths, the model's own default first; empty when it wasn't trained by blocks. */
  blockLengths: number[];
  /** Predicts a masked position in place (no logit shift). */
  inPlace: boolean;
  /** As `Capabilities.numTokens`. */
  numTokens?: number;
  /** How its authors would have it write; left out where they don't say. */
  generation?: GenerationDefaults;
}

/** Everything that tells one transformer from another: plain data, read from `config.json` by `parseConfig`. */
export interface Architecture extends ModelFacts {
  hiddenSize: number;
  intermediateSize: number;
  numHeads: number;
  /** Divides `numHeads`; query head h reads key-value head ⌊h · numKeyValueHeads / numHeads⌋. */
  numKeyValueHeads: number;
  /** `headDim · numHeads` may differ from `hiddenSize`. */
  headDim: number;
  embedding: {
    /** Factor on an embedded token, a 32-bit number. */
    scale: number;
    /** Rows of a learned table that is added by position; null: none. */
    numPositions: number | null;
  };
  layers: readonly LayerSpec[];
  /** Before the LM head. */
  norm: NormSpec;
  /** RMS norm over each head of q and k, or over all heads of each if `isWhole`, before the rotation; null: none. */
  qkNorm: (Omit<FoldedRms, "way"> & { isWhole?: boolean }) | null;
  qkvBias: boolean;
  /** Bias of the attention's output projection. */
  outputBias: boolean;
  mlpBias: boolean;
  /** Bias of the LM head. Left out: none. */
  lmHeadBias?: boolean;
  /** Logits stay within ± this; left out: they are as they are. */
  logitSoftCap?: number;
  /** The output matrix is the embedding. */
  tied: boolean;
  defaultBlockLength: number | null;
  /** Blocks begin at multiples of their length, counted from position 0. */
  blockAlign: "absolute";
  /** How the weights are said to be stored: good for a plan, not for reading them. */
  dtype?: FloatDtype;
  /** Its weights are packed, as its config says: `dtype` is of what they stand for. */
  isPacked?: true;
}

/** Longest context that is taken unasked: more would change how positions are read. */
export function plainLength({ maxLength, trainedLength = maxLength }: ModelFacts): number {
  return Math.min(maxLength, trainedLength);
}

/** What a model of this architecture can do, on whichever backend. `blockLengths` lists the model's own default first. */
export function capabilitiesOf(architecture: Architecture): Omit<Capabilities, "answers"> {
  return factualCapabilities(architecture, architecture.layers.length);
}

/** What a model can do of which this is known, and that has so many layers. */
export function factualCapabilities(facts: ModelFacts, numLayers: number): Omit<Capabilities, "answers"> {
  return {
    name: facts.modelType,
    rounding: null,
    causal: facts.causal,
    bidirectional: facts.bidirectional,
    blockLengths: facts.blockLengths,
    inPlace: facts.inPlace,
    maskToken: facts.maskToken,
    maxLength: facts.maxLength,
    vocabSize: facts.vocabSize,
    numLayers,
    anySubset: false,
    head: null,
    policyLengths: [],
    numMasks: 0,
    eosTokens: facts.eosTokens,
    ...(facts.numTokens === undefined ? {} : { numTokens: facts.numTokens }),
    ...(facts.generation ? { generation: facts.generation } : {}),
  };
}
