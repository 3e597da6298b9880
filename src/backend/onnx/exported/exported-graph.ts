import type { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-web";
import { widenHalves } from "../../../format/widen.js";
import { invariant, ModelLoadError } from "../../../vocabulary/errors.js";
import type { GraphFeeds, GraphOutputs, GraphRun } from "../graph-run.js";
import type { OnnxRuntime } from "../onnx-graph.js";
import { ExportedCache, type ExportedRows, type Numbers } from "./exported-cache.js";
import type { GraphShape } from "./graph-shape.js";
import { Turns } from "../../../vocabulary/turns.js";

interface ExportedFeeds extends GraphFeeds {
  past: ExportedCache;
}

interface ExportedOutputs extends GraphOutputs {
  present: ExportedRows;
}

/** Rows `first` … `end` of a forward, which are read together. */
interface Pass {
  first: number;
  end: number;
  rows: readonly number[];
}

/** A graph that somebody has exported, as Hugging Face's tools do: it reads rows causally, one behind the other. */
export class ExportedGraph implements GraphRun {
  private readonly turns = new Turns();

  constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: InferenceSession,
    private readonly shape: GraphShape,
    private readonly vocabSize: number,
    /** The file and its folder. */
    private readonly label: string,
  ) {}

  get numLayers(): number {
    return this.shape.numLayers;
  }

  cache(): ExportedCache {
    return new ExportedCache(this.shape.past);
  }

  run(feeds: ExportedFeeds): Promise<ExportedOutputs> {
    return this.turns.take(() => this.forward(feeds));
  }

  async dispose(): Promise<void> {
    await this.turns.ended();
    await this.session.release();
  }

  private async forward({ tokens, positions, bias, hidden, rows, past }: ExportedFeeds): Promise<ExportedOutputs> {
    const start = past.length;
    invariant(bias === null && !hidden, "an exported graph reads rows causally and gives no states");
    invariant(
      positions.every((position, row) => position === start + row),
      "rows stand one behind the other",
    );
    const wanted = rows ?? new Int32Array(0);
    const logits = new Float32Array(wanted.length * this.vocabSize);
    const read = past.copy();
    let present: ExportedRows | null = null;
    for (const pass of passesOf(this.shape, start, tokens.length, [...wanted])) {
      const made = await this.pass(tokens, pass, read);
      read.append(made.present);
      for (const row of new Set(pass.rows)) {
        const numbers = made.logitsOf(row);
        for (const [i, one] of wanted.entries()) if (one === row) logits.set(numbers, i * this.vocabSize);
      }
      present = { ...made.present, past: start, count: tokens.length };
    }
    invariant(present, "a forward has rows");
    return { logits, hidden: null, present };
  }

  private async pass(tokens: Int32Array, { first, end, rows }: Pass, past: ExportedCache) {
    const { shape, vocabSize, label } = this;
    const count = end - first;
    const start = past.length;
    // Logits from the first row on that is asked for; at least one row's.
    const numLogits = Math.max(1, ...rows.map((row) => end - row));
    const names = shape.past.map(({ output }) => output);
    const feed = this.feed(tokens.subarray(first, end), past, numLogits);
    const outputs = await this.session.run(feed, rows.length > 0 ? ["logits", ...names] : names);
    const arrays = names.map((name, i): Numbers => {
      const { data, dims } = outputs[name];
      const { numHeads, headDim } = shape.past[i];
      if (data.length === numHeads * (start + count) * headDim) return numbersOf(data);
      throw odd(label, `gives ${name} of shape [${dims}] for ${start + count} rows of ${numHeads} heads of ${headDim}`);
    });
    const present: ExportedRows = { count, past: start, arrays };
    if (rows.length === 0) return { present, logitsOf: () => new Float32Array(0) };
    const { data, dims } = outputs.logits;
    const given = data.length / vocabSize;
    const isUsual = Number.isInteger(given) && given >= numLogits && given <= count;
    if (!isUsual) throw odd(label, `gives logits of shape [${dims}] for ${count} rows of a vocabulary of ${vocabSize}`);
    return {
      present,
      logitsOf: (row: number) => {
        const at = (given - (end - row)) * vocabSize;
        return widened(numbersOf(data).subarray(at, at + vocabSize));
      },
    };
  }

  private feed(tokens: Int32Array, past: ExportedCache, numLogits: number): Record<string, RuntimeTensor> {
    const { Tensor } = this.runtime;
    const { ids, mask, positions, hasBranch, numLogits: counter } = this.shape;
    const { length: start } = past;
    const { length: count } = tokens;
    const whole = (type: "int64" | "int32", values: Int32Array, dims: number[]): RuntimeTensor =>
      type === "int64" ? new Tensor(type, BigInt64Array.from(values, BigInt), dims) : new Tensor(type, values, dims);
    const feed: Record<string, RuntimeTensor> = { input_ids: whole(ids, tokens, [1, count]) };
    if (mask) feed.attention_mask = whole(mask, new Int32Array(start + count).fill(1), [1, start + count]);
    if (positions)
      feed.position_ids = whole(
        positions,
        tokens.map((_, row) => start + row),
        [1, count],
      );
    if (hasBranch) feed.use_cache_branch = new Tensor("bool", [start > 0], [1]);
    if (counter) feed[counter.name] = whole("int64", Int32Array.of(numLogits), counter.rank === 0 ? [] : [1]);
    const arrays = past.fed();
    for (const [i, { input, type, numHeads, headDim }] of this.shape.past.entries()) {
      feed[input] = new Tensor(type, arrays[i], [1, numHeads, start, headDim]);
    }
    return feed;
  }
}

/** Which rows of a forward are read together behind so many rows. */
function passesOf(
  { hasBranch, isSingle, isLastOnly }: GraphShape,
  numBefore: number,
  numRows: number,
  wanted: readonly number[],
): Pass[] {
  const isAlone = isSingle || (hasBranch && numBefore > 0);
  const ends = isAlone
    ? Array.from({ length: numRows }, (_, row) => row + 1)
    : isLastOnly
      ? wanted.map((row) => row + 1)
      : [];
  const sorted = [...new Set([...ends, numRows])].sort((a, b) => a - b);
  return sorted.map((end, i) => {
    const first = i === 0 ? 0 : sorted[i - 1];
    return { first, end, rows: wanted.filter((row) => row >= first && row < end) };
  });
}

/** The bits of 16-bit numbers where the runtime gives these as numbers. */
function numbersOf(data: RuntimeTensor["data"]): Numbers {
  if (data instanceof Float32Array || data instanceof Uint16Array) return data;
  invariant(ArrayBuffer.isView(data), "keys and values are numbers");
  const { buffer, byteOffset, length } = data;
  return new Uint16Array(buffer, byteOffset, length);
}

function widened(numbers: Numbers): Float32Array {
  return numbers instanceof Float32Array ? numbers : widenHalves(numbers);
}

function odd(label: string, what: string): ModelLoadError {
  return new ModelLoadError(
    `${label} ${what}: it is of another model than config.json, or of another kind of export.`,
    "bad_graph",
  );
}
