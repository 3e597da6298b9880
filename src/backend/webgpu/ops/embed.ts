import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding, BufferRange } from "../gpu/kernel.js";
import { floatBits } from "../gpu/queue.js";
import { PLAIN_BLOCKS } from "../../../format/quantize.js";
import { blockConstants, squareParts, type WeightMatrix } from "./linear.js";
import { ceil4, makeOp, type Op } from "./op.js";
import type { Panel } from "./variants.js";

/** Storage buffers that a stage may bind on every adapter. */
const MAX_STORAGE_BUFFERS = 8;

/** What an embedding reads and writes. */
export interface EmbedOptions {
  /** Row records, and slot records behind them from a byte on. */
  records: { buffer: GPUBuffer; slotsAt: number };
  /** Left out: something else fills the records first. */
  prepares?: { inputs: GPUBuffer; results: GPUBuffer; lengths: GPUBuffer };
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
  feeds?: { gain: GPUBuffer; scaled: BufferRange; squares: BufferRange };
}

/** Rows of a table by token, a dispatch for each part of it; the first thing of a forward, so that it fills the records too where it can. */
export class Embed {
  /** It fills the records, since it binds no more than it may. */
  readonly isPreparing: boolean;
  private readonly ops: Op[];
  private readonly numParts: number;

  constructor(
    gpu: Gpu,
    arena: Arena,
    { records, prepares, table, panel, x, scale = 1, positions, masks, feeds }: EmbedOptions,
    numParts: number = squareParts(table[0].k, panel),
  ) {
    this.numParts = numParts;
    const vocab = table.reduce((sum, { n }) => sum + n, 0);
    const own = [records.buffer, x, table[0].buffer, table[0].scales, masks, positions, feeds?.gain, feeds?.scaled];
    // A learned position is known once the records are filled, and so are rows that several kernels embed.
    const isAlone = table.length === 1 && !positions;
    const fits = own.filter((binding) => binding !== undefined).length + 3 <= MAX_STORAGE_BUFFERS;
    const prepared = isAlone && fits ? prepares : undefined;
    this.isPreparing = prepared !== undefined;
    let first = 0;
    this.ops = table.map(({ buffer, scales, format, blocks = PLAIN_BLOCKS, n, k }) => {
      const places = [(feeds?.squares.offset ?? 0) / 16, records.slotsAt / 16];
      const dims = arena.uniform("embed dims", [ceil4(k), vocab, numParts, floatBits(scale), first, n, ...places]);
      first += n;
      const bindings: Binding[] = [dims, records.buffer, buffer, x];
      const at = (optional: GPUBuffer | undefined) => (optional ? bindings.push(optional) : 0);
      const constants = {
        WEIGHT: format,
        QUANTISED: scales !== undefined,
        ...blockConstants(blocks),
        ...panel,
        FEEDS: feeds !== undefined,
        SCALED: scale !== 1,
        MASKS: masks !== undefined,
        POSITIONS: positions !== undefined,
        PREPARES: prepared !== undefined,
        INPUTS_AT: at(prepared?.inputs),
        RESULTS_AT: at(prepared?.results),
        LENGTHS_AT: at(prepared?.lengths),
        GAIN_AT: at(feeds?.gain),
        FEED_AT: at(feeds?.scaled.buffer),
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
