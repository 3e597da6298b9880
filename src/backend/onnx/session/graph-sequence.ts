import type { Capabilities } from "../../../seam/capabilities.js";
import { branchesOf } from "../../../seam/forward.js";
import { notFinite, notFiniteGraph } from "../../../seam/not-finite.js";
import type { SessionCounts } from "../../../seam/session.js";
import type { Cell } from "../../host/cell.js";
import type { RowsOwner } from "../../host/host-rows.js";
import { AnsweringRows } from "../../host/rows.js";
import type { CacheRows, GraphOutputs, GraphRun, RowCache } from "../graph-run.js";
import { stateOf } from "../../../seam/row-input.js";
import type { LeftStates, ReadStates } from "./left-states.js";
import { Flight, type PassRequest } from "./flight.js";

/** What a sequence needs of a graph. */
export type Graph = Pick<GraphRun, "run" | "cache">;

/** Of what a sequence is one. */
export interface GraphModel {
  readonly name: string;
  readonly capabilities: Capabilities;
}

/** What the last forward has left behind: its rows, kept or not. */
interface LastForward {
  cells: readonly Cell[];
  present: CacheRows;
}

/**
 * A sequence as it is once what was asked of it so far has been done: tokens, keys and values of the kept rows, and the logits of the
 * last forward. Its methods are jobs of a line.
 */
export class GraphSequence implements RowsOwner {
  generation = 0;
  /** Kept rows, by slot. Replaced, never changed: rows of a forward look at what they saw. */
  private cells: readonly Cell[] = [];
  private cache: RowCache;
  private last: LastForward | null = null;
  /** What a forward has failed with: what was kept since isn't there. */
  private failure: { error: unknown } | null = null;
  /** Where forwards that are asked to leave their states. */
  left: LeftStates | null = null;

  /** `reads`: the states that its rows read beside their tokens; null for those of a whole model. */
  constructor(
    private readonly model: GraphModel,
    private readonly graph: Graph,
    readonly counts: SessionCounts,
    private readonly reads: ReadStates | null = null,
  ) {
    this.cache = graph.cache();
  }

  get capabilities(): Capabilities {
    return this.model.capabilities;
  }

  get length(): number {
    return this.cells.length;
  }

  /** Ids of the kept tokens from slot `start` on. */
  tokensFrom(start: number): number[] {
    return this.cells.slice(start).map(({ token }) => token);
  }

  /** Runs a forward. Once one has failed, those behind it fail with the same error, until what it should have kept is given up. */
  async forward(pass: PassRequest): Promise<AnsweringRows> {
    try {
      if (this.failure) throw this.failure.error;
      return await this.run(pass);
    } catch (error) {
      this.failure = { error };
      if (this.leaves(pass)) this.left?.fail(error);
      throw error;
    }
  }

  private async run(pass: PassRequest): Promise<AnsweringRows> {
    const { request, list } = pass;
    const { attend, keep, slots, states, tokens } = request;
    this.generation++;
    const flight = new Flight(pass, this.cells, this.capabilities.vocabSize);
    const { cells } = flight;
    const out = await this.graph.run({
      tokens: Int32Array.from(cells, ({ token }) => token),
      states: this.reads?.gather(tokens.flatMap((input) => stateOf(input) ?? [])),
      positions: Int32Array.from(cells, ({ position }) => position),
      bias: flight.bias(),
      rows: list.length > 0 ? Int32Array.from(list) : null,
      hidden: states !== undefined || this.leaves(pass),
      past: this.cache,
    });
    if (out.hidden && states) leaveStates(cells, out.hidden);
    if (out.hidden && this.leaves(pass)) this.left?.leave(out.hidden, cells.length);
    if (slots) this.overwrite(slots, cells, out.present);
    this.append(
      cells.slice(0, keep),
      out.present,
      Array.from({ length: keep }, (_, row) => row),
    );
    this.last = { cells, present: out.present };
    const logits = rowsOf(out, list, this.model);
    const seen = (row: number) => flight.seen(row);
    return new AnsweringRows(this, { flight: cells, seen, logits, list, parents: branchesOf(attend, list), keep });
  }

  /** Keeps these rows of the last forward, behind the kept ones. */
  keep(rows: readonly number[]): void {
    if (this.failure || !this.last) return;
    const { cells, present } = this.last;
    const kept = rows.map((row, i) => ({ ...cells[row], index: this.cells.length + i }));
    this.append(kept, present, rows);
  }

  /** Forgets the kept rows from `limit` on. */
  cut(limit: number): void {
    if (limit >= this.cells.length) return;
    this.cells = this.cells.slice(0, limit);
    this.cache.truncate(limit);
  }

  /** Has the same kept rows as another, from here on its own. What stands beside that one's rows doesn't follow. */
  copyRows({ cells, cache, failure }: GraphSequence): void {
    this.cells = cells.map((cell) => ({ ...cell, state: undefined }));
    this.cache = cache.copy();
    this.failure = failure;
  }

  /** Gives up what a forward that failed should have kept. */
  recover(): void {
    this.failure = null;
  }

  /** A forward of a head leaves its states always: its next one may read them. */
  private leaves({ request }: PassRequest): boolean {
    return this.left !== null && (this.reads !== null || request.hidden === true);
  }

  async readback(byteLength: number): Promise<void> {
    this.counts.readbackBytes += byteLength;
  }

  private append(cells: readonly Cell[], present: CacheRows, rows: readonly number[]): void {
    if (rows.length === 0) return;
    this.cells = [...this.cells, ...cells];
    this.cache.append(present, rows);
  }

  private overwrite(slots: readonly number[], cells: readonly Cell[], present: CacheRows): void {
    const all = [...this.cells];
    for (const cell of cells) all[cell.index] = cell;
    this.cells = all;
    this.cache.write(slots, present);
  }
}

/** Each row's state, of all rows. */
function leaveStates(cells: readonly Cell[], hidden: Float32Array): void {
  const size = hidden.length / cells.length;
  for (const [row, cell] of cells.entries()) {
    cell.state = Float64Array.from(hidden.subarray(row * size, (row + 1) * size));
  }
}

/** The logits of forward rows, each widened when it is first asked for. */
function rowsOf(
  { logits }: GraphOutputs,
  list: readonly number[],
  { name, capabilities }: GraphModel,
): (row: number) => Float64Array {
  const widened = new Map<number, Float64Array>();
  return (row) => {
    const known = widened.get(row);
    if (known) return known;
    const { vocabSize } = capabilities;
    const start = list.indexOf(row) * vocabSize;
    const own = Float64Array.from(logits.subarray(start, start + vocabSize));
    if (!own.every(Number.isFinite)) throw capabilities.lacks ? notFiniteGraph(name) : notFinite(name);
    widened.set(row, own);
    return own;
  };
}
