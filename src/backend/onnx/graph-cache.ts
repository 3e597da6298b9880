import type { CacheRows, RowCache } from "./graph-run.js";

/** Rows that a forward has read: position, keys and values of each, one behind the other. */
export interface GraphRows extends CacheRows {
  /** `[count]` */
  readonly positions: Int32Array;
  /** Rotated keys of each layer, `[count, rowSize]`. */
  readonly keys: readonly Float32Array[];
  /** Values of each layer, `[count, rowSize]`. */
  readonly values: readonly Float32Array[];
}

/** Rows for which there is room at first. */
const FIRST_ROWS = 64;

/**
 * Keys and values of a sequence's rows, on the CPU: row r of a layer is at `r · rowSize`. Rows lie one behind the other, so that cutting
 * moves nothing and the rows that a forward reads are a view.
 */
export class GraphCache implements RowCache {
  private held = 0;
  private room = 0;
  private positionsOf = new Int32Array(0);
  /** Keys of all layers, then their values. */
  private arrays: Float32Array<ArrayBuffer>[];

  constructor(
    readonly numLayers: number,
    readonly rowSize: number,
  ) {
    this.arrays = Array.from({ length: 2 * numLayers }, () => new Float32Array(0));
  }

  get length(): number {
    return this.held;
  }

  /** Position of each row; a view that holds until the cache changes. */
  get positions(): Int32Array<ArrayBuffer> {
    return this.positionsOf.subarray(0, this.held);
  }

  /** Keys of a layer, `[length, rowSize]`; a view that holds until the cache changes. */
  keys(layer: number): Float32Array<ArrayBuffer> {
    return this.arrays[layer].subarray(0, this.held * this.rowSize);
  }

  /** Values of a layer, `[length, rowSize]`; a view that holds until the cache changes. */
  values(layer: number): Float32Array<ArrayBuffer> {
    return this.arrays[this.numLayers + layer].subarray(0, this.held * this.rowSize);
  }

  append(rows: GraphRows, listed?: readonly number[]): void {
    const start = this.held;
    const count = listed?.length ?? rows.count;
    this.reserve(start + count);
    this.held += count;
    for (let i = 0; i < count; i++) this.set(start + i, rows, listed ? listed[i] : i);
  }

  write(slots: readonly number[], rows: GraphRows): void {
    for (let i = 0; i < slots.length; i++) this.set(slots[i], rows, i);
  }

  truncate(length: number): void {
    this.held = Math.min(this.held, length);
  }

  copy(): GraphCache {
    const other = new GraphCache(this.numLayers, this.rowSize);
    other.reserve(this.held);
    other.held = this.held;
    other.positionsOf.set(this.positions);
    const { length } = this.arrays;
    for (let i = 0; i < length; i++) other.arrays[i].set(this.arrays[i].subarray(0, this.held * this.rowSize));
    return other;
  }

  private set(slot: number, rows: GraphRows, row: number): void {
    const { rowSize, numLayers } = this;
    this.positionsOf[slot] = rows.positions[row];
    for (let i = 0; i < 2 * numLayers; i++) {
      const from = i < numLayers ? rows.keys[i] : rows.values[i - numLayers];
      this.arrays[i].set(from.subarray(row * rowSize, (row + 1) * rowSize), slot * rowSize);
    }
  }

  /** Doubles its room until so many rows fit. */
  private reserve(count: number): void {
    if (count <= this.room) return;
    this.room = Math.max(this.room, FIRST_ROWS);
    while (this.room < count) this.room *= 2;
    const positions = new Int32Array(this.room);
    positions.set(this.positionsOf);
    this.positionsOf = positions;
    this.arrays = this.arrays.map((old) => {
      const grown = new Float32Array(this.room * this.rowSize);
      grown.set(old);
      return grown;
    });
  }
}
