import type { Attend, ForwardRequest } from "../../../seam/forward.js";
import type { RowInput } from "../../../seam/row-input.js";
import { type Cell, depthsOf, isKeptVisible, isVisible, segmentOf } from "../../host/cell.js";
import { idOf } from "../../host/row-id.js";

/** Added to the score of a key that a row doesn't see. */
const HIDDEN = Number.NEGATIVE_INFINITY;

/** One pass of a forward, as it was asked for. */
export interface PassRequest {
  request: ForwardRequest;
  /** Forward rows that need logits. */
  list: readonly number[];
  /** Of a set, rows of it that passes before this one have kept. */
  from: number;
  /** How far positions are below their slots behind the sets before it. */
  lag: number;
}

/** The rows of a pass behind those that are kept: what each reads, where it stands, and whom it sees. */
export class Flight {
  readonly cells: readonly Cell[];
  private readonly attend: Attend;

  constructor(
    private readonly pass: PassRequest,
    private readonly kept: readonly Cell[],
    vocabSize: number,
  ) {
    const { request, from, lag } = pass;
    const { tokens, positions, slots, attend } = request;
    this.attend = attend;
    const base = kept.length - from;
    const depths = depthsOf(attend, from + tokens.length);
    this.cells = tokens.map((token: RowInput, row): Cell => {
      const index = slots ? slots[row] : kept.length + row;
      const position = positions ? positions[row] : slots ? index : base + depths[from + row] - lag;
      return { token: idOf(token, vocabSize), position, index, key: 0, mixedKey: 0, saw: [] };
    });
  }

  /** 0 where a row sees a key, else negative infinity: of the kept rows, then of these. Null where each row sees all before it. */
  bias(): Float32Array | null {
    const { cells, kept, attend } = this;
    if (attend === "causal" && !this.pass.request.slots) return null;
    const numKeys = kept.length + cells.length;
    const bias = new Float32Array(cells.length * numKeys);
    for (let row = 0; row < cells.length; row++) {
      const start = row * numKeys;
      for (let i = 0; i < kept.length; i++) if (!this.seesKept(row, i)) bias[start + i] = HIDDEN;
      for (let other = 0; other < cells.length; other++) {
        if (!this.sees(row, other)) bias[start + kept.length + other] = HIDDEN;
      }
    }
    return bias;
  }

  /** The rows that a row sees, itself among them unless it asks. */
  seen(row: number): readonly Cell[] {
    const own = this.cells.filter((_, other) => this.sees(row, other));
    return [...this.kept.filter((_, i) => this.seesKept(row, i)), ...own];
  }

  private sees(row: number, other: number): boolean {
    const { from } = this.pass;
    return from > 0 ? this.isOfSegment(from + row, from + other) : isVisible(this.attend, this.cells, row, other);
  }

  private seesKept(row: number, i: number): boolean {
    const { from, request } = this.pass;
    const cell = this.cells[row];
    // The row that stands in a slot hides the one that it takes it from.
    if (request.slots?.includes(i)) return false;
    const before = i - (this.kept.length - from);
    if (from > 0 && before >= 0) return this.isOfSegment(from + row, before);
    return isKeptVisible(this.attend, cell, row, this.kept[i]);
  }

  private isOfSegment(row: number, other: number): boolean {
    if (typeof this.attend === "string" || !("segments" in this.attend)) return other <= row;
    const { segments } = this.attend;
    return other <= row && segmentOf(segments, row) === segmentOf(segments, other);
  }
}
