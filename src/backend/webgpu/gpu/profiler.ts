import type { Arena } from "./arena.js";

const MAX_QUERIES = 4096;
/** Dispatches that are timed at most. */
export const MAX_PROFILED = MAX_QUERIES / 2;

/** Times each dispatch by timestamp queries, one pass a dispatch (which perturbs: never on by default). */
export class Profiler {
  private readonly queries: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly names: string[] = [];
  private numResolved = 0;
  private readonly arena: Arena;

  /** Needs the `timestamp-query` feature. */
  constructor(device: GPUDevice, arena: Arena) {
    this.queries = device.createQuerySet({ label: "profiler", type: "timestamp", count: MAX_QUERIES });
    this.arena = arena.child();
    this.resolved = this.arena.buffer(
      "profiler",
      MAX_QUERIES * 8,
      GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    );
  }

  /** Frees what it holds. */
  dispose(): void {
    this.queries.destroy();
    this.arena.dispose();
  }

  /** The pass descriptor that times the next dispatch; undefined once all queries are used. */
  begin(name: string): GPUComputePassDescriptor | undefined {
    const index = this.names.length * 2;
    if (index + 2 > MAX_QUERIES) return undefined;
    this.names.push(name);
    return {
      timestampWrites: { querySet: this.queries, beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1 },
    };
  }

  /** Records the copy of finished timestamps. */
  resolve(encoder: GPUCommandEncoder): void {
    const count = this.names.length * 2;
    if (count === this.numResolved) return;
    encoder.resolveQuerySet(this.queries, 0, count, this.resolved, 0);
    this.numResolved = count;
  }

  /** Milliseconds and dispatches by kernel name, and starts over. `read` is the queue's. */
  async collect(
    read: (source: GPUBuffer, byteOffset: number, byteLength: number) => Promise<ArrayBuffer>,
  ): Promise<Map<string, { gpuMs: number; dispatches: number }>> {
    const times = new BigUint64Array(await read(this.resolved, 0, Math.max(16, this.numResolved * 8)));
    const table = new Map<string, { gpuMs: number; dispatches: number }>();
    this.names.forEach((name, i) => {
      const row = table.get(name) ?? { gpuMs: 0, dispatches: 0 };
      row.gpuMs += Number(times[i * 2 + 1] - times[i * 2]) / 1e6;
      row.dispatches++;
      table.set(name, row);
    });
    this.names.length = this.numResolved = 0;
    return table;
  }
}
