import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import { floatBits } from "../gpu/queue.js";
import { squareParts, type WeightMatrix } from "./linear.js";
import { ceil4, makeOp, type Op } from "./op.js";
import type { Panel } from "./variants.js";

/** What an embedding reads and writes. */
export interface EmbedOptions {
  /** Row records. */
  rows: GPUBuffer;
  /** `[vocabulary, size]`, in panels. */
  table: WeightMatrix;
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

/** Rows of a table by token: one dispatch. */
export class Embed {
  private readonly op: Op;
  private readonly numParts: number;

  constructor(
    gpu: Gpu,
    arena: Arena,
    { rows, table, panel, x, scale = 1, positions, masks, feeds }: EmbedOptions,
    numParts: number = squareParts(table.k, panel),
  ) {
    this.numParts = numParts;
    const dims = arena.uniform("embed dims", [ceil4(table.k), table.n, numParts, floatBits(scale)]);
    const bindings = [dims, rows, table.buffer, x];
    const at = (buffer: GPUBuffer | undefined) => (buffer ? bindings.push(buffer) : 0);
    const constants = {
      WEIGHT: table.format,
      ...panel,
      FEEDS: feeds !== undefined,
      SCALED: scale !== 1,
      MASKS: masks !== undefined,
      POSITIONS: positions !== undefined,
      GAIN_AT: at(feeds?.gain),
      SCALED_AT: at(feeds?.scaled),
      SQUARES_AT: at(feeds?.squares),
      SCALES_AT: at(table.scales),
      MASKS_AT: at(masks),
      POSITIONS_AT: at(positions),
    };
    this.op = makeOp(gpu, "embed", constants, bindings);
  }

  /** Records the embedding of the first `numRows` rows. */
  record(stepOffset: number, numRows: number): void {
    this.op.record(stepOffset, numRows * this.numParts);
  }
}
