/** Rows that a forward has read, as a cache of its graph takes them in. */
export interface CacheRows {
  readonly count: number;
}

/** Keys and values of a sequence's rows, on the CPU, as a graph lays them out. */
export interface RowCache {
  /** Rows it holds. */
  readonly length: number;
  /** Adds rows of a forward behind its own, in the order they are listed in; all of them where none are. */
  append(rows: CacheRows, listed?: readonly number[]): void;
  /** Overwrites rows it holds: row i of the forward goes to `slots[i]`. */
  write(slots: readonly number[], rows: CacheRows): void;
  /** Forgets the rows from `length` on; never grows. */
  truncate(length: number): void;
  /** Another cache with the same rows, which from here on go their own ways. */
  copy(): RowCache;
}

/** One forward of a graph: N new rows behind P rows of a cache. */
export interface GraphFeeds {
  /** `[N]`, at least one. Ids from the vocabulary's end on are masks of an adapter, in a graph with one; they come last. */
  tokens: Int32Array;
  /** `[N, hiddenSize]`: what rows of a head read beside their tokens; left out for any other graph. */
  states?: Float32Array | null;
  /** `[N]`, by which heads are rotated or learned positions looked up, and how far a window reaches. */
  positions: Int32Array;
  /**
   * `[N, P + N]`: 0 where the row sees the key, negative infinity where it doesn't; the keys are the cache's rows and then the new ones. A
   * row that sees none attends to nothing. Null: causal, each row sees the cache, the new rows before it and itself. Windows come on top.
   */
  bias: Float32Array | null;
  /** New rows whose logits are wanted, in any order; null or empty: none. */
  rows: Int32Array | null;
  /** Whether the hidden states of all new rows, which the LM head reads, are wanted. */
  hidden: boolean;
  /** Rows that earlier forwards have read. The forward doesn't change it: what is to stay is appended by the caller. */
  past: RowCache;
}

/** What a forward gives. The arrays are the caller's own: no later forward writes them. */
export interface GraphOutputs {
  /** `[rows, vocabSize]` */
  logits: Float32Array;
  /** `[N, hiddenSize]`, null unless asked for. */
  hidden: Float32Array | null;
  /** All N rows, for `GraphCache.append` or `write`. */
  present: CacheRows;
}

/** A model as a loaded graph: forwards over plain arrays, without any state between them. */
export interface GraphRun {
  readonly numLayers: number;
  /**
   * One forward. On WebAssembly a row's numbers are the same to the bit however many rows are read with it, as long as the keys that it
   * sees stand without others between them and layer norms are of a multiple of four numbers; a path of a tree that skips rows may
   * differ in its last bits from the same rows read as a chain. Forwards that are asked for while one runs wait for it, in order. Rejects with the runtime's error; the next forward works. */
  run(feeds: GraphFeeds): Promise<GraphOutputs>;
  /** A cache without rows for this graph, or for one of its first layers. */
  cache(numLayers?: number): RowCache;
  /** Gives the runtime's memory back, once running forwards have ended. */
  dispose(): Promise<void>;
}
