import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import { floatBits } from "../gpu/queue.js";
import { squareParts, type WeightMatrix } from "./linear.js";
import { ceil4, makeOp, type Op } from "./op.js";
import type { Panel } from "./variants.js";

/** What an embedding reads and writes. */
export interface EmbedOptions {
  /** Row records. */
  rows: Binding;
  /** `[vocabulary, size]`, in panels and in parts of its rows, in order. */
  table: readonly WeightMatrix[];
  panel: Panel;
  /** `[M, size]`, padded to a multiple of four by zeros. */
  x: GPUBuffer;
  /** Factor on the table's rows; default 1. */
  scale?: number;
  /** Added by position: `[context, size]`, padded as x is. */
  positions?: GPUBuffer;
  /** What mask rows get in place of the table's: `[masks, size]`, padded as x is. */
  masks?: GPUBuffer;
  /** Stores x · gain and the squares of x, as a product that feeds a folded norm does. */
  feeds?: { gain: GPUBuffer; scaled: GPUBuffer; squares: GPUBuffer };
}

/** Rows of a table by token: one dispatch for each part of the table. */
export class Embed {
  private readonly ops: Op[];
  private readonly numParts: number;

  constructor(
    gpu: Gpu,
    arena: Arena,
    { rows, table, panel, x, scale = 1, positions, masks, feeds }: EmbedOptions,
    numParts: number = squareParts(table[0].k, panel),
  ) {
    this.numParts = numParts;
    const vocab = table.reduce((sum, { n }) => sum + n, 0);
    let first = 0;
    this.ops = table.map(({ buffer, scales, format, n, k }) => {
      const dims = arena.uniform("embed dims", [ceil4(k), vocab, numParts, floatBits(scale), first, n]);
      first += n;
      const bindings = [dims, rows, buffer, x];
      const at = (optional: GPUBuffer | undefined) => (optional ? bindings.push(optional) : 0);
      const constants = {
        WEIGHT: format,
        ...panel,
        FEEDS: feeds !== undefined,
        SCALED: scale !== 1,
        MASKS: masks !== undefined,
        POSITIONS: positions !== undefined,
        GAIN_AT: at(feeds?.gain),
        SCALED_AT: at(feeds?.scaled),
        SQUARES_AT: at(feeds?.squares),
        SCALES_AT: at(scales),
        MASKS_AT: at(masks),
        POSITIONS_AT: at(positions),
      };
      return makeOp(gpu, "embed", constants, bindings);
    });
  }

  /** Records the embedding of the first `numRows` rows. */
  record(stepOffset: number, numRows: number): void {
    for (const op of this.ops) op.record(stepOffset, numRows * this.numParts);
  }
}
