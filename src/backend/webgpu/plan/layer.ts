import type { BufferRange } from "../gpu/kernel.js";
import type { AttentionShape } from "../ops/attention.js";
import type { Linear, LinearOptions } from "../ops/linear.js";
import type { RowNorm } from "../ops/row-norm.js";

/** A recorded product: a `Linear`, or one with what an adapter adds to it. */
export interface Product {
  record(stepOffset: number, numRows: number): void;
}

/** The matrix products of a layer, in order. */
export const PRODUCTS = ["qkv", "output", "gateUp", "down"] as const;

/** One of them. */
export type ProductName = (typeof PRODUCTS)[number];

/** What they read and write. */
export type LayerProducts = Record<ProductName, LinearOptions>;

/** The table of cosines and sines by which heads are rotated, and how many pairs of channels are. */
export interface Rope {
  buffer: GPUBuffer;
  half: number;
}

/** The kernels of one layer that don't touch a session's cache. */
export interface Layer extends Record<ProductName, Product> {
  qkNorms: GPUBuffer | null;
  rope: Rope;
  attention: AttentionShape;
  norms: LayerNorms;
}

/** The norms of a layer that are kernels of their own: before its attention, between that and the feed-forward block, and behind. */
export interface LayerNorms {
  before: readonly RowNorm[];
  between: readonly RowNorm[];
  behind: readonly RowNorm[];
}

/** Rows that a norm gives to a product: what reads them, what leaves them there, and the kernels in between. */
export interface NormedRows {
  read: Pick<LinearOptions, "x" | "norm">;
  feeds: LinearOptions["feeds"];
  ops: readonly RowNorm[];
}

/** What a head reads: the embedded token and a hidden state, and their products, which add up to its residual stream. */
export interface HeadInput {
  embedded: GPUBuffer;
  features: GPUBuffer;
  fromToken: Linear;
  fromFeature: Linear;
}

/** Activations, shared by all sessions of a model: a forward leaves nothing in them that another needs. */
export interface Activations {
  /** The residual stream. */
  x: GPUBuffer;
  /** Its rows times the gain of the norm that reads them next, and their squares in parts: of one buffer. */
  scaled: BufferRange;
  squares: BufferRange;
  qkv: GPUBuffer;
  attended: GPUBuffer;
  hidden: GPUBuffer;
  /** Scratch of attention: queries and partial results. */
  work: GPUBuffer;
  /** The rows of a product rounded to 8 bits, if they are to be. */
  rounded: GPUBuffer | undefined;
}
