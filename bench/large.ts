import path from "node:path";
import { root, say } from "../scripts/setup.mjs";
import { openWeights } from "../src/architecture/open-weights.js";
import { type Gpu, openDevice } from "../src/backend/webgpu/gpu/device.js";
import { matmul, rmsNorm } from "../src/backend/webgpu/ops/reference.js";
import { findNodeGpu } from "../src/backend/webgpu/node/node-gpu.js";
import { openCheckpoint } from "../src/format/checkpoint.js";
import { fileSource } from "../src/format/file-source.js";
import type { ModelSource } from "../src/format/source.js";
import { byteLengthOf, type Checkpoint, type Tensor } from "../src/format/tensor.js";
import { widen } from "../src/format/widen.js";
import { loadFolder, openFolder } from "../src/runtime/folder.js";
import type { Attend } from "../src/seam/forward.js";
import type { Model } from "../src/seam/model.js";
import { ReferenceModel } from "../src/testing/reference-model.js";
import { writeQwen3Folder } from "./large/qwen3-folder.js";
import { bytesOf, workOf } from "./kernels/work.js";
import { beginReport, type Report, round, table, writeReport } from "./report.js";

const FOLDER = path.join(root, ".cache/large/Qwen3-0.6B-shape-bd3lm");
const MEBI = 2 ** 20;
const CONTEXT = 256;
const BLOCK_LENGTH = 4;
const NUM_ROWS = 8;
/** Logits of these are compared. */
const SAMPLED = [1, 7];
/** Of the largest logit; 32-bit sums of 28 layers are off by 1e-5 or so. */
const MOST_ERROR = 1e-3;

/** A way of reading eight rows, and who sees whom in it. */
const WAYS: readonly { name: string; attend: Attend; sees(row: number): readonly number[] }[] = [
  { name: "causal", attend: "causal", sees: (row) => upTo(row + 1) },
  {
    name: `blocks of ${BLOCK_LENGTH}`,
    attend: { block: BLOCK_LENGTH },
    sees: (row) => upTo(BLOCK_LENGTH * (Math.floor(row / BLOCK_LENGTH) + 1)),
  },
  { name: "full", attend: "full", sees: () => upTo(NUM_ROWS) },
];

/** What `large` writes. */
export interface LargeReport extends Report {
  largestTensorBytes: number;
  weightBytes: number;
  /** JS heap and array buffers, above what there was before the load. */
  peakHeapBytes: number;
  /** The same of loads that round weights, by their format. */
  roundedHeapBytes: Record<string, number>;
  loadMs: number;
  gpuBytes: number;
  /** By way of reading: the largest error of a logit, as a share of the largest logit. */
  errors: Record<string, number>;
  tokensPerSecond: number;
  bytesPerToken: number;
}

const upTo = (end: number) => Array.from({ length: end }, (_, i) => i);

/** A device with WebGPU's default limits: 128 MiB a binding, 256 MiB a buffer. */
async function openSmall() {
  const gpu = await findNodeGpu({});
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = await gpu.requestAdapter(options);
    return (
      adapter &&
      new Proxy(adapter, {
        get(target, key) {
          if (key === "requestDevice") {
            return (asked: GPUDeviceDescriptor) => target.requestDevice({ ...asked, requiredLimits: {} });
          }
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      })
    );
  };
  const small = new Proxy(gpu, {
    get: (target, key) => (key === "requestAdapter" ? requestAdapter : Reflect.get(target, key, target)),
  });
  return openDevice({ gpu: small });
}

/** Bytes of the JS heap and of its array buffers. */
function heapBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Logits of sampled rows in float64, of weights that are read layer by layer, and of the LM head by rows. */
async function referenceLogits(source: ModelSource, tokens: readonly number[]): Promise<Map<string, number[][]>> {
  const { architecture } = await openFolder(source, { blockLength: BLOCK_LENGTH });
  const opened = await openWeights(architecture, await openCheckpoint(source));
  const { weights } = opened;
  const read = async (name: string): Promise<Tensor> => weights.read(name);
  const embedded: Float64Array[] = [];
  for (const token of tokens) {
    const row = await weights.read("model.embed_tokens.weight", { begin: token, end: token + 1 });
    embedded.push(Float64Array.from(widen(row)));
  }
  let states = WAYS.map(() => embedded);
  for (const layer of architecture.layers.keys()) {
    say(`float64: layer ${layer} …`);
    const prefix = `model.layers.${layer}.`;
    const names = [...weights.tensors.keys()].filter((name) => name.startsWith(prefix));
    const own = new Map<string, Tensor>();
    for (const name of names) own.set(name.slice(prefix.length), await read(name));
    const reference = ReferenceModel.of(architecture, own);
    states = states.map((rows, i) =>
      reference.layers({
        rows,
        positions: upTo(NUM_ROWS),
        numLayers: 1,
        at: (_, name) => reference.weights.get(name),
        sees: WAYS[i].sees,
      }),
    );
  }
  const gain = widen(await read("model.norm.weight"));
  const normed = states.map((rows) => SAMPLED.map((row) => rmsNorm(rows[row], gain, architecture.norm.eps)));
  const logits = await headLogits(weights, architecture.hiddenSize, normed);
  await weights.close();
  return new Map(WAYS.map(({ name }, i) => [name, logits[i]]));
}

async function headLogits(weights: Checkpoint, k: number, states: readonly Float64Array[][]): Promise<number[][][]> {
  const name = "model.embed_tokens.weight";
  const numRows = weights.tensors.get(name)?.shape[0] ?? 0;
  const logits = states.map((rows) => rows.map((): number[] => []));
  const step = 4096;
  for (let begin = 0; begin < numRows; begin += step) {
    const end = Math.min(begin + step, numRows);
    const part = widen(await weights.read(name, { begin, end }));
    for (const [i, rows] of states.entries()) {
      for (const [j, row] of rows.entries()) {
        logits[i][j].push(...matmul(row, part, { m: 1, n: end - begin, k }).values);
      }
    }
  }
  return logits;
}

async function errorsOf(model: Model, tokens: readonly number[], expected: ReadonlyMap<string, number[][]>) {
  const errors: Record<string, number> = {};
  for (const { name, attend } of WAYS) {
    const session = model.session();
    const logits = await session.forward({ tokens, attend, rows: SAMPLED, keep: 0 }).logits();
    session.dispose();
    const known = (expected.get(name) ?? []).flat();
    let worst = 0;
    let most = 0;
    for (const [i, value] of known.entries()) {
      worst = Math.max(worst, Math.abs(value - logits[i]));
      most = Math.max(most, Math.abs(value));
    }
    errors[name] = known.length === logits.length ? worst / most : Number.POSITIVE_INFINITY;
    say(
      `${name}: the largest error of ${logits.length} logits is ${errors[name].toExponential(1)} of the largest logit`,
    );
  }
  return errors;
}

/** Tokens a second of a text whose tokens are known: forwards of one row behind the ones before. */
async function rateOf(model: Model, tokens: readonly number[]): Promise<number> {
  const session = model.session();
  const next = (token: number) =>
    session.forward({ tokens: [token], attend: "causal", rows: "last", keep: 1 }).logits();
  await next(tokens[0]);
  const beganMs = performance.now();
  for (const token of tokens.slice(1)) await next(token);
  const rate = (1000 * (tokens.length - 1)) / (performance.now() - beganMs);
  session.dispose();
  return rate;
}

/** Peak JS heap of a load that rounds its weights. */
async function heapOfLoad(gpu: Gpu, source: ModelSource, weights: "q8" | "q4"): Promise<number> {
  say(`${weights}: loading …`);
  const folder = await openFolder(source, { context: CONTEXT, blockLength: BLOCK_LENGTH });
  const before = heapBytes();
  let peak = 0;
  const model = await loadFolder(gpu, folder, {
    weights,
    onProgress: () => {
      peak = Math.max(peak, heapBytes() - before);
    },
  });
  model.dispose();
  return peak;
}

/** `bench large`: true when all logits agree, and the load kept to its share of memory. */
export async function large(numRounds: number): Promise<boolean> {
  const report = beginReport("large", numRounds);
  say(`writing ${FOLDER} …`);
  await writeQwen3Folder(FOLDER);
  const source = fileSource(FOLDER);
  const checkpoint = await openCheckpoint(source);
  const sizes = [...checkpoint.tensors.values()].map(byteLengthOf);
  await checkpoint.close();
  const largestTensorBytes = Math.max(...sizes);
  const weightBytes = sizes.reduce((sum, size) => sum + size, 0);
  const gpu = await openSmall();
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
  say(`a device of ${maxStorageBufferBindingSize / MEBI} MiB a binding, ${maxBufferSize / MEBI} MiB a buffer`);
  const folder = await openFolder(source, { context: CONTEXT, blockLength: BLOCK_LENGTH });
  (globalThis as { gc?: () => void }).gc?.();
  const heapBefore = heapBytes();
  let peakHeapBytes = 0;
  const look = () => {
    peakHeapBytes = Math.max(peakHeapBytes, heapBytes() - heapBefore);
  };
  const beganMs = performance.now();
  let lastShown = 0;
  const model = await loadFolder(gpu, folder, {
    onProgress({ loadedBytes, totalBytes }) {
      look();
      if (loadedBytes - lastShown < 256 * MEBI) return;
      lastShown = loadedBytes;
      say(
        `${Math.round(loadedBytes / MEBI)} of ${Math.round((totalBytes ?? 0) / MEBI)} MiB, peak ${round(peakHeapBytes / MEBI)} MiB of JS heap`,
      );
    },
  });
  look();
  const loadMs = performance.now() - beganMs;
  const gpuBytes = gpu.arena.byteLength;
  const tokens = upTo(NUM_ROWS).map((i) => (i * 7919 + 5) % folder.architecture.vocabSize);
  const expected = await referenceLogits(source, tokens);
  const errors = await errorsOf(model, tokens, expected);
  const tokensPerSecond = await rateOf(model, tokens);
  const { architecture } = folder;
  const bytesOfWeight = workOf(architecture, 1, { weightBytes: 1, numKept: 0 }).weightBytes;
  const stored = model.transformer.embedding[0].format === "f32" ? 4 : 2;
  const bytesPerToken = bytesOf(workOf(architecture, 1, { weightBytes: stored, numKept: NUM_ROWS }));
  model.dispose();
  const rounded: Record<string, number> = {};
  for (const weights of ["q8", "q4"] as const) rounded[weights] = await heapOfLoad(gpu, source, weights);
  const allowed = largestTensorBytes + 64 * MEBI;
  const full: LargeReport = {
    ...report,
    adapter: { ...gpu.facts },
    versions: {},
    largestTensorBytes,
    weightBytes,
    peakHeapBytes,
    roundedHeapBytes: rounded,
    loadMs,
    gpuBytes,
    errors,
    tokensPerSecond,
    bytesPerToken,
  };
  const mebi = (bytes: number) => `${round(bytes / MEBI)} MiB`;
  writeReport(full, [
    `Qwen3-0.6B's exact shape with random weights of f16, as a diffusion model's folder on the hub; a device of ${mebi(maxStorageBufferBindingSize)}`,
    `a binding and ${mebi(maxBufferSize)} a buffer; context ${CONTEXT}. ${round(bytesOfWeight / 1e6)} million weights are read a token.`,
    "",
    ...table(
      ["figure", "value"],
      [
        ["weights in files", mebi(weightBytes)],
        ["largest tensor", mebi(largestTensorBytes)],
        ["peak JS heap of the load", `${mebi(peakHeapBytes)} (allowed: ${mebi(allowed)})`],
        ...Object.entries(rounded).map(([name, bytes]) => [`the same, weights ${name}`, mebi(bytes)]),
        ["load", `${round(loadMs / 1000)} s`],
        ["on the device", mebi(gpuBytes)],
        ["tokens/s, forwards of one row", round(tokensPerSecond)],
        ["moved per token", mebi(bytesPerToken)],
        ...Object.entries(errors).map(([name, error]) => [
          `largest error, ${name}`,
          `${error.toExponential(1)} of the largest logit`,
        ]),
      ],
    ),
  ]);
  const peaks = [peakHeapBytes, ...Object.values(rounded)];
  return peaks.every((bytes) => bytes <= allowed) && Object.values(errors).every((error) => error <= MOST_ERROR);
}
