import type { InferenceSession, OnnxValue as RuntimeValue, Tensor as RuntimeTensor } from "onnxruntime-web";
import type { Architecture } from "../../architecture/architecture.js";
import type { QuantFormat } from "../../format/quantize.js";
import type { Weights } from "../../format/tensor.js";
import { invariant, ModelLoadError, OutOfMemoryError, UnsupportedDeviceError } from "../../vocabulary/errors.js";
import { createSession } from "./create-session.js";
import { GraphCache, type GraphRows } from "./graph-cache.js";
import type { GraphFeeds, GraphOutputs, GraphRun } from "./graph-run.js";
import { keyBias, paddingOf } from "./key-bias.js";
import type { Ends } from "./layers-graph.js";
import type { Provider } from "./provider.js";
import { fillFiles } from "./weight-files.js";
import { buildModel, hasMaskRows, Names, windowsOf } from "./model-graph.js";
import { Turns } from "../../vocabulary/turns.js";

/** The part of ONNX Runtime that is used: of `onnxruntime-web` or `onnxruntime-node`. */
export type OnnxRuntime = Pick<typeof import("onnxruntime-web"), "InferenceSession" | "Tensor" | "env">;

/** How a model is loaded as a graph. */
export interface GraphOptions {
  /** Positions that can be read. */
  context: number;
  /** Rounds matrices to few bits; default: as they are stored. */
  format?: QuantFormat | null;
  /** Of a head; default: none, as of a whole model. */
  ends?: Ends | null;
  /** As `Provider`; default: those of WebAssembly. */
  execution?: Provider["execution"];
  isPacked?: boolean;
  /** Ends the reading of weights. */
  signal?: AbortSignal;
}

/** A forward of one. */
export interface OnnxFeeds extends GraphFeeds {
  past: GraphCache;
}

/** What it gives. */
export interface OnnxOutputs extends GraphOutputs {
  present: GraphRows;
}

/** A model in ONNX Runtime, by the graph that is built of its architecture and tensors. */
export class OnnxGraph implements GraphRun {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  /** Numbers in a row's keys of one layer: key-value heads times their size. */
  readonly rowSize: number;
  /** Positions from 0 to one less than this can be read. */
  readonly maxLength: number;
  private readonly windows: readonly (number | null)[];
  /** Behind the keys of any forward. */
  private readonly zeros: Float32Array<ArrayBuffer>;
  private readonly turns = new Turns();

  private constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: InferenceSession,
    architecture: Architecture,
    context: number,
    private readonly hasMasks: boolean,
    /** Bytes of its weights as the runtime is handed them: widened to 32 bits, or rounded. */
    readonly weightBytes: number,
  ) {
    this.vocabSize = architecture.vocabSize;
    this.hiddenSize = architecture.hiddenSize;
    this.numLayers = architecture.layers.length;
    this.rowSize = architecture.numKeyValueHeads * architecture.headDim;
    this.maxLength = context;
    this.windows = windowsOf(architecture);
    this.zeros = new Float32Array(paddingOf(0) * this.rowSize);
  }

  /** Builds the graph, reads what it needs of the weights, which have our own names, and hands both to the runtime. */
  static async load(
    runtime: OnnxRuntime,
    architecture: Architecture,
    weights: Weights,
    { context, format = null, ends = null, execution = "wasm", isPacked = false, signal }: GraphOptions,
  ): Promise<OnnxGraph> {
    const { model, weights: files } = buildModel(architecture, weights.tensors, { context, format, ends, isPacked });
    // Without a level of its own a session prints what it only warns of.
    const externalData = await fillFiles(files, weights, signal);
    const weightBytes = externalData.reduce((sum, { data }) => sum + data.byteLength, 0);
    const options = {
      executionProviders: [execution],
      externalData,
      graphOptimizationLevel: "all",
      logSeverityLevel: 4,
    } as const;
    const session = await createSession(runtime, model, options).catch((error: unknown) => {
      throw refused(error);
    });
    return new OnnxGraph(runtime, session, architecture, context, hasMaskRows(weights.tensors), weightBytes);
  }

  cache(numLayers = this.numLayers): GraphCache {
    return new GraphCache(numLayers, this.rowSize);
  }

  run(feeds: OnnxFeeds): Promise<OnnxOutputs> {
    return this.turns.take(() => this.forward(feeds));
  }

  async dispose(): Promise<void> {
    await this.turns.ended();
    await this.session.release();
  }

  private async forward(feeds: OnnxFeeds): Promise<OnnxOutputs> {
    const { tokens, positions, hidden } = feeds;
    const { numLayers } = this;
    const numRows = tokens.length;
    invariant(numRows > 0 && positions.length === numRows, `${positions.length} positions of ${numRows} rows`);
    const beyond = positions.find((position) => position < 0 || position >= this.maxLength);
    invariant(beyond === undefined, `position ${beyond} of a graph that reads ${this.maxLength}`);
    const wanted: string[] = [Names.logits];
    if (hidden) wanted.push(Names.hidden);
    for (let layer = 0; layer < numLayers; layer++) wanted.push(Names.keys(layer), Names.values(layer));
    const outputs = await this.session.run(this.inputs(feeds), wanted);
    const numbers = (name: string) => outputs[name].data as Float32Array;
    const layers = Array.from({ length: numLayers }, (_, layer) => layer);
    return {
      logits: numbers(Names.logits),
      hidden: hidden ? numbers(Names.hidden) : null,
      present: {
        count: numRows,
        positions,
        keys: layers.map((layer) => numbers(Names.keys(layer))),
        values: layers.map((layer) => numbers(Names.values(layer))),
      },
    };
  }

  private inputs({ tokens, states, positions, bias, rows, past }: OnnxFeeds): Record<string, RuntimeValue> {
    const { Tensor } = this.runtime;
    const { rowSize, vocabSize, hiddenSize } = this;
    const numRows = tokens.length;
    const numKeys = past.length + numRows;
    const numZeros = paddingOf(numKeys);
    const numbers = (values: Float32Array, shape: number[]): RuntimeTensor => new Tensor("float32", values, shape);
    const list = rows ?? new Int32Array(0);
    const ids = (values: Int32Array): RuntimeTensor => new Tensor("int32", values, [values.length]);
    const firstMask = this.hasMasks ? tokens.findIndex((token) => token >= vocabSize) : -1;
    const numTokens = firstMask < 0 ? numRows : firstMask;
    const feed: Record<string, RuntimeValue> = {
      [Names.tokens]: ids(tokens.subarray(0, numTokens)),
      [Names.positions]: new Tensor("int64", BigInt64Array.from(positions, BigInt), [1, numRows]),
      [Names.rows]: ids(list),
      [Names.padding]: numbers(this.zeros.subarray(0, numZeros * rowSize), [1, numZeros, rowSize]),
    };
    if (this.hasMasks) feed[Names.masks] = ids(tokens.subarray(numTokens).map((token) => token - vocabSize));
    if (states) feed[Names.states] = numbers(states, [numRows, hiddenSize]);
    for (const window of this.windows) {
      const values = keyBias({ positions, past: past.positions, bias, window });
      feed[Names.bias(window)] = numbers(values, [numRows, numKeys + numZeros]);
    }
    for (let layer = 0; layer < this.numLayers; layer++) {
      feed[Names.pastKeys(layer)] = numbers(past.keys(layer), [1, past.length, rowSize]);
      feed[Names.pastValues(layer)] = numbers(past.values(layer), [1, past.length, rowSize]);
    }
    return feed;
  }
}

/** Why a graph wasn't taken, as an error that says what to do. */
function refused(error: unknown): Error {
  if (error instanceof UnsupportedDeviceError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (/bad_alloc|memory|alloc/i.test(reason)) {
    return new OutOfMemoryError(
      `The model doesn't fit the memory of ONNX Runtime, 4 GB on WebAssembly (${reason}): use a smaller model or a shorter context.`,
    );
  }
  return new ModelLoadError(
    `ONNX Runtime refuses the graph of this model (${reason}): use device "webgpu".`,
    "refused_graph",
  );
}
