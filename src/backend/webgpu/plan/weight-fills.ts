import { readAhead, type Request } from "../../../format/read-ahead.js";
import { byteLengthOf, type Tensor, type TensorPlan, type Weights } from "../../../format/tensor.js";
import { InvalidOptionError, invariant } from "../../../vocabulary/errors.js";
import { PLAIN_BLOCKS, type QuantFormat } from "../../../format/quantize.js";
import type { Arena } from "../gpu/arena.js";
import type { WeightMatrix } from "../ops/linear.js";
import type { Variants } from "../ops/variants.js";
import { emptyMatrix, emptyParts } from "./empty-matrix.js";
import { type Empty, emptyRows, emptyVector } from "./weights.js";

/** Return to the event loop when laying out weights has taken this long. */
const FILL_MS = 8;

/** A tensor that may come in parts does so in parts of about so many bytes. */
const PART_BYTES = 1 << 22;

/** What has been sent lies in memory twice until the device has taken it: no more than so many bytes do. */
const SENT_BYTES = 1 << 26;

/** How weights are filled. */
export interface Filling {
  signal?: AbortSignal;
  /** Told whenever values are waited for, as for a stopwatch. */
  waiting?<T>(wait: () => Promise<T>): Promise<T>;
}

/** Takes the memory of a model's weights as the model is laid out, and fills it when their values are there. */
export class WeightFills {
  private empties: Empty[] = [];
  /** Bytes that they take on the device. */
  byteLength = 0;
  private readonly storage: { panel: Variants["matmul"]["panel"]; widensF16: boolean };

  /** `plan(name)` says how a tensor of the folder is stored. `rounding` rounds the matrices, or the rows they are multiplied with as well. */
  constructor(
    private readonly arena: Arena,
    private readonly plan: (name: string) => TensorPlan,
    { matmul, widensF16 }: Variants,
    private readonly rounding: { format: QuantFormat | null; roundsRows?: boolean },
  ) {
    this.storage = { panel: matmul.panel, widensF16 };
  }

  /** Matrices stacked to one. */
  matrix(label: string, names: readonly string[], isGated = false): WeightMatrix {
    const how = { ...this.storage, isGated, quantFormat: this.rounding.format };
    const { matrix } = this.added(() => emptyMatrix(this.arena, label, names.map(this.plan), how));
    return this.checked(matrix, names[0]);
  }

  /** The matrix of one of a model's two ends, for which four bits are too few, in parts of its rows. */
  end(label: string, name: string): readonly WeightMatrix[] {
    const how = { ...this.storage, quantFormat: this.rounding.format, isWide: true };
    const { parts } = this.added(() => emptyParts(this.arena, label, this.plan(name), how));
    return parts.map((part) => this.checked(part, name));
  }

  /** Vectors joined end to end, `offset` added to each of their numbers. */
  vector(label: string, names: readonly string[], offset = 0): GPUBuffer {
    return this.added(() => emptyVector(this.arena, label, names.map(this.plan), offset)).buffer;
  }

  /** The first `numRows` rows of a table. */
  rows(label: string, name: string, numRows: number): GPUBuffer {
    return this.added(() => emptyRows(this.arena, label, this.plan(name), numRows)).buffer;
  }

  /**
   * Sends the weights to the device in the order in which their files hold them, each read while the one before is laid out, and returns to
   * the event loop between them. What is stacked of several tensors waits for the last of them; nothing else is held. Throws the signal's reason.
   */
  async fill(weights: Weights, { signal, waiting = (wait) => wait() }: Filling = {}): Promise<void> {
    const takers = new Map<string, Empty[]>();
    const missing = new Map(this.empties.map((empty) => [empty, new Set(empty.plans.map(({ name }) => name))]));
    for (const [empty, names] of missing) {
      for (const name of names) takers.set(name, [...(takers.get(name) ?? []), empty]);
    }
    const isFull = (empty: Empty) => missing.get(empty)?.size === 0;
    const held = new Map<string, Tensor>();
    const tensors = readAhead(weights, requestsOf(weights, takers), signal);
    let pausedAtMs = performance.now();
    let sentBytes = 0;
    for (;;) {
      const next = await waiting(() => tensors.next());
      if (next.done) break;
      const { name, rows, tensor } = next.value;
      held.set(name, tensor);
      for (const empty of takers.get(name) ?? []) {
        missing.get(empty)?.delete(name);
        if (isFull(empty))
          empty.put(
            empty.plans.map((plan) => held.get(plan.name) as Tensor),
            rows?.begin,
          );
      }
      for (const own of held.keys()) if (takers.get(own)?.every(isFull)) held.delete(own);
      sentBytes += tensor.bytes.byteLength;
      if (sentBytes >= SENT_BYTES) {
        sentBytes = 0;
        await this.sent();
        signal?.throwIfAborted();
      }
      if (performance.now() - pausedAtMs < FILL_MS) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
      pausedAtMs = performance.now();
    }
    this.empties = [];
  }

  private checked(matrix: WeightMatrix, name: string): WeightMatrix {
    const { size, hasMins } = matrix.blocks ?? PLAIN_BLOCKS;
    const { format, roundsRows } = this.rounding;
    if (!roundsRows || (size === PLAIN_BLOCKS.size && !hasMins)) return matrix;
    throw new InvalidOptionError(
      `weights ${format}-int8 can't be of a file that stores ${name} as ${this.plan(name).dtype}: rounded rows are multiplied by blocks of 32 with a scale alone. Leave weights out.`,
    );
  }

  private added<E extends Empty>(make: () => E): E {
    const before = this.arena.ownByteLength;
    const empty = make();
    this.byteLength += this.arena.ownByteLength - before;
    this.empties.push(empty);
    return empty;
  }

  private async sent(): Promise<void> {
    const { queue } = this.arena.device;
    queue.submit([]);
    await queue.onSubmittedWorkDone();
  }
}

/** What is read for these, in the order of the weights: in parts where the one that takes a tensor takes parts. */
function requestsOf({ tensors }: Weights, takers: ReadonlyMap<string, readonly Empty[]>): Request[] {
  for (const name of takers.keys()) invariant(tensors.has(name), `tensor ${name} was not checked`);
  return [...tensors].flatMap(([name, plan]) => {
    const [empty, ...others] = takers.get(name) ?? [];
    if (!empty) return [];
    const numBytes = byteLengthOf(plan);
    const { unitRows } = empty;
    if (unitRows === undefined || others.length > 0 || numBytes <= PART_BYTES) return { name };
    const [numRows] = plan.shape;
    const step = Math.max(1, Math.floor(PART_BYTES / ((numBytes / numRows) * unitRows))) * unitRows;
    return Array.from({ length: Math.ceil(numRows / step) }, (_, i) => ({
      name,
      rows: { begin: i * step, end: Math.min((i + 1) * step, numRows) },
    }));
  });
}
