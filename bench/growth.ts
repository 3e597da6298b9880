import { ARGMAX } from "../src/seam/questions/sample.js";
import type { Gpu } from "../src/backend/webgpu/gpu/device.js";
import { type Folder, loadFolder } from "../src/runtime/folder.js";
import type { Architecture } from "../src/architecture/architecture.js";
import type { Model } from "../src/seam/model.js";
import { Attention, KEY_TILE, workLength } from "../src/backend/webgpu/ops/attention.js";
import { ceil4 } from "../src/backend/webgpu/ops/op.js";
import { normals } from "./kernels/products.js";
import { type Subject, timeInTurn } from "./kernels/timing.js";
import { bytesOf, workOf } from "./kernels/work.js";
import { round, showSpread, table } from "./report.js";

/** Most tokens that a measured one attends to, itself included. */
export const LONGEST = 4096;
const LENGTHS = [64, 512, 1024, 2048, LONGEST];
const NONE = 0xffffffff;

/** One length of the context: microseconds, one for each round. */
export interface GrowthTimes {
  length: number;
  /** A forward of one row with greedy selection. */
  token: number[];
  /** The attention kernels of all layers by themselves. */
  attention: number[];
}

/** What a token takes besides attention at `length`, by the same at the shortest length, round by round. */
export function restRatio(growth: readonly GrowthTimes[], length: number): number[] {
  const rest = ({ token, attention }: GrowthTimes) => token.map((us, i) => us - attention[i]);
  const at = growth.find((times) => times.length === length);
  if (!at || growth.length === 0) return [];
  const shortest = rest(growth[0]);
  return rest(at).map((us, i) => us / shortest[i]);
}

/** The token of a session that keeps one less than `length`, again and again: nothing of it is kept. */
function tokenAt(model: Model, length: number): Subject & { dispose(): void } {
  const session = model.session();
  const token = (i: number) => (i * 7919 + 5) % model.capabilities.vocabSize;
  const tokens = Array.from({ length: length - 1 }, (_, i) => token(i));
  session.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length });
  return {
    name: `token at ${length}`,
    record(repetitions) {
      for (let i = 0; i < repetitions; i++) {
        session.forward({ tokens: [token(length)], attend: "causal", rows: "last", keep: 0 }).ask(ARGMAX);
      }
    },
    dispose: () => session.dispose(),
  };
}

/** Attention of one row, its own key and value stored, over `length` keys in every layer, each layer with keys and values of its own. */
function attentionAt(gpu: Gpu, a: Architecture, length: number): Subject & { dispose(): void } {
  const arena = gpu.arena.child();
  const { numHeads, numKeyValueHeads, headDim } = a;
  const shape = { numHeads, numKeyValueHeads, headDim, scale: a.layers[0].attention.scale };
  const stride = ceil4(headDim) * 4;
  const random = (label: string, width: number) => arena.upload(label, normals(1, width, 1));
  const words = (label: string, values: number[]) => arena.upload(label, Uint32Array.from(values));
  const row = [0, length - 1, length - 1, length - 1, length, length - 1, NONE, 0];
  const shared = {
    qkv: random("qkv", (numHeads + 2 * numKeyValueHeads) * headDim),
    rope: { buffer: random("rope", length * headDim), half: headDim / 2 },
    qkNorms: null,
    records: { buffer: words("rows", [...row, ...Array.from({ length }, (_, i) => [i, i, 0, 0]).flat()]), slotsAt: 32 },
    work: arena.storage("work", workLength({ ...shape, window: null }, 1, LONGEST) * 4),
    y: arena.storage("y", numHeads * stride * 4),
    yStride: numHeads * stride,
  };
  const layers = a.layers.map(({ attention: { window } }) => {
    const cache = () => random("keys or values", length * numKeyValueHeads * stride);
    const buffers = { ...shared, keys: cache(), values: cache() };
    return new Attention(gpu, arena, { ...shape, window }, buffers, { context: length, maxRows: 1 });
  });
  const numTiles = Math.ceil(length / KEY_TILE);
  return {
    name: `attention at ${length}`,
    record(repetitions) {
      for (let i = 0; i < repetitions; i++) {
        const step = gpu.queue.step([1, 0, 0, 0, 1, 0, numTiles, 0, 0]);
        const rows = { step, numRows: 1, chunks: [{ step, numRows: 1 }] };
        for (const layer of layers) layer.record(rows, numTiles, false);
      }
    },
    dispose: () => arena.dispose(),
  };
}

/** Tokens at every length and the attention kernels alone, all in turn within each round. */
export async function timeGrowth(gpu: Gpu, folder: Folder, numRounds: number): Promise<GrowthTimes[]> {
  // Beyond what it was trained for the model writes nonsense, at the same speed.
  const architecture = { ...folder.architecture, maxLength: LONGEST };
  const model = await loadFolder(gpu, { ...folder, architecture });
  const subjects = LENGTHS.flatMap((length) => [tokenAt(model, length), attentionAt(gpu, architecture, length)]);
  try {
    const samples = await timeInTurn(gpu, subjects, numRounds);
    return LENGTHS.map((length, i) => ({ length, token: samples[2 * i], attention: samples[2 * i + 1] }));
  } finally {
    for (const subject of subjects) subject.dispose();
    model.dispose();
  }
}

/** The part of the report on long contexts. */
export function renderGrowth(growth: readonly GrowthTimes[], a: Architecture): string[] {
  const inMs = (us: readonly number[]) => showSpread(us.map((value) => value / 1000));
  const keyBytes = a.layers.length * 2 * a.numKeyValueHeads * ceil4(a.headDim) * 16;
  const matrixBytes = bytesOf(workOf(a, 1, { weightBytes: 4, numKept: 0 }));
  const rows = growth.map(({ length, token, attention }) => [
    String(length),
    inMs(token),
    inMs(attention),
    inMs(token.map((us, i) => us - attention[i])),
    showSpread(restRatio(growth, length)),
    showSpread(attention.map((us) => (length * keyBytes) / us / 1000)),
    showSpread(token.map((us, i) => matrixBytes / (us - attention[i]) / 1000)),
  ]);
  const head = ["tokens seen", "token, ms", "attention alone, ms", "the rest, ms", "rest by that at the shortest"];
  return [
    `A token of \`story-ar\` in a cache for ${LONGEST} tokens, by the tokens that it attends to, and the attention kernels`,
    "of all layers by themselves, in turn within each round, in Node. The rest of a token must not grow. Bytes a second:",
    `keys and values that attention reads (${round(keyBytes / 1024)} KiB a token seen), and the weights in the time of the rest.`,
    "",
    ...table([...head, "attention, GB/s", "the rest, GB/s"], rows),
  ];
}
