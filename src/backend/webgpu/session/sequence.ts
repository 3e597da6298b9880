import { InvalidOptionError, invariant, OutOfMemoryError } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { TokenRef } from "../../../seam/pending.js";
import type { SessionCounts } from "../../../seam/session.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { BufferRange } from "../gpu/kernel.js";
import { squareParts } from "../ops/linear.js";
import { type CachedHead, cachedHead } from "../ops/cache.js";
import type { Transformer } from "../plan/transformer.js";
import type { TokenMaker } from "./not-finite.js";
import { GpuPending } from "./pending.js";

/** Marks a word of the inputs ring as the place of a token in the results ring, and not as a token. */
export const REF = 0x80000000;
const MAX_SESSIONS = 256;

/** Lengths of all sessions of a device live in one buffer, so that one can be cut to another's unread length. */
interface LengthTable {
  buffer: GPUBuffer;
  free: number[];
}
const TABLES = new WeakMap<Gpu, LengthTable>();

/** The record of one sequence on a transformer: its buffers on the device, its place in the table of lengths, and its counts. */
export class Sequence implements TokenMaker {
  readonly counts: SessionCounts = { forwards: 0, rows: 0, dispatches: 0, readbackBytes: 0 };
  /** Counts forwards; rows of an older one are dead. */
  generation = 0;
  /** Counts everything that moves the length: scratch rows can only be kept at the revision that made them. */
  revision = 0;
  /** What is read after the device has run short isn't what was asked for. */
  readonly epoch: number;
  readonly arena: Arena;
  /** Row records, and slot records behind them. */
  readonly records: GPUBuffer;
  readonly rowRecords: BufferRange;
  readonly slots: BufferRange;
  readonly keys: GPUBuffer;
  readonly values: GPUBuffer;
  /** How a key or value lies there. */
  readonly cached: CachedHead;
  /** Bytes of a layer's keys, and of its values: layers start at multiples of 256. */
  readonly layerBytes: number;
  /** Bytes of a row's keys in a layer, and of its values. */
  private readonly rowBytes: number;
  readonly lengths: GPUBuffer;
  readonly squareParts: number;
  /** Looks behind the layers of a model that was loaded to be debugged; else null. */
  watch: TokenMaker["watch"] = null;
  private place = -1;
  private readonly table: LengthTable;

  /** `numLayers`: so many of the model's first. */
  constructor(
    readonly model: Transformer,
    readonly numLayers: number,
  ) {
    const { gpu, architecture: a, capabilities } = model;
    const context = capabilities.maxLength;
    this.epoch = gpu.queue.epoch;
    this.arena = gpu.arena.child();
    this.table = lengthTable(gpu);
    this.lengths = this.table.buffer;
    const slotsAt = Math.ceil((model.maxRows * 32) / 256) * 256;
    this.records = this.arena.storage("rows and slots", slotsAt + context * 16);
    this.rowRecords = { buffer: this.records, offset: 0, size: model.maxRows * 32 };
    this.slots = { buffer: this.records, offset: slotsAt, size: context * 16 };
    this.cached = cachedHead(capabilities.kvCache ?? "f32", a.headDim);
    this.rowBytes = a.numKeyValueHeads * this.cached.cells * this.cached.cellBytes;
    this.layerBytes = Math.ceil((context * this.rowBytes) / 256) * 256;
    this.keys = this.arena.storage("keys", numLayers * this.layerBytes, this.layerBytes);
    this.values = this.arena.storage("values", numLayers * this.layerBytes, this.layerBytes);
    this.squareParts = squareParts(a.hiddenSize, model.variants.matmul.panel);
  }

  /** Takes a place in the table of lengths: the last thing, so that a session that can't be made takes none. */
  takePlace(): void {
    const place = this.table.free.pop();
    if (place === undefined) {
      throw new OutOfMemoryError(
        `This device has ${MAX_SESSIONS} sequences, as many as there may be at once: wait for runs to end, then generate again.`,
      );
    }
    this.place = place;
  }

  /** Its place in the table of lengths. */
  get index(): number {
    return this.place;
  }

  /** A token as the inputs ring holds it: an id, or the word of the results ring that holds one. */
  wordOf(token: TokenId | TokenRef): number {
    if (typeof token === "number") {
      const { vocabSize } = this.model.capabilities;
      if (!Number.isInteger(token) || token < 0 || token >= vocabSize) {
        throw new InvalidOptionError(`token id ${token} is outside the vocabulary of ${vocabSize} ids`, "bad_token");
      }
      return token;
    }
    invariant(token.pending instanceof GpuPending, "a token reference of another device");
    token.pending.checkAlive();
    return (token.word | REF) >>> 0;
  }

  /** Records that this sequence, of the same layers, has the first `numRows` rows of another; its length isn't touched. */
  copyRows({ keys, values, slots }: Sequence, numRows: number): void {
    if (numRows === 0) return;
    const { queue } = this.model.gpu;
    for (let layer = 0; layer < this.numLayers; layer++) {
      queue.copy(keys, this.keys, layer * this.layerBytes, numRows * this.rowBytes);
      queue.copy(values, this.values, layer * this.layerBytes, numRows * this.rowBytes);
    }
    queue.copy(slots.buffer, this.slots.buffer, slots.offset, numRows * 16);
  }

  /** Gives its memory and its place back. */
  dispose(): void {
    this.model.gpu.queue.flush();
    this.arena.dispose();
    this.table.free.push(this.place);
  }
}

function lengthTable(gpu: Gpu): LengthTable {
  let table = TABLES.get(gpu);
  if (!table) {
    const buffer = gpu.arena.storage("session lengths", MAX_SESSIONS * 4);
    table = { buffer, free: Array.from({ length: MAX_SESSIONS }, (_, i) => MAX_SESSIONS - 1 - i) };
    TABLES.set(gpu, table);
  }
  return table;
}
