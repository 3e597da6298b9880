import { untempered } from "../sampling/processors.js";
import type { Cell } from "../backend/host/cell.js";
import type { Law } from "../backend/host/law.js";
import { GraphCache } from "../backend/onnx/graph-cache.js";
import type { GraphRun } from "../backend/onnx/graph-run.js";
import type { OnnxFeeds, OnnxOutputs } from "../backend/onnx/onnx-graph.js";

/** Numbers of a row in the cache, each exact in float32: its token, and two halves of a key. */
const ROW = 3;
const HALF = 2 ** 16;

/**
 * A law in a graph's place: what a mock says of a row, a session on this must say as well. Keys of the cache hold a row's token and key,
 * values its mixed key; a row's state is its law, as a mock's is.
 */
export function lawGraph(
  law: Law,
  { numLayers = 1 }: { numLayers?: number },
  latency: () => Promise<void> = () => Promise.resolve(),
): GraphRun {
  return {
    numLayers,
    cache: (numFirst = numLayers) => new GraphCache(numFirst, ROW),
    async run(feeds: OnnxFeeds) {
      await latency();
      return outputsOf(law, feeds, numLayers);
    },
    dispose: async () => undefined,
  };
}

function outputsOf(law: Law, feeds: OnnxFeeds, numLayers: number): OnnxOutputs {
  const { tokens, positions, bias, rows, hidden, past } = feeds;
  const kept = cellsOf(past);
  const flight = Array.from(tokens, (token, row): Cell => {
    return { token, position: positions[row], index: kept.length + row, key: 0, mixedKey: 0, saw: [] };
  });
  const all = [...kept, ...flight];
  const sees = (row: number, i: number) => (bias ? bias[row * all.length + i] === 0 : i <= kept.length + row);
  const seen = flight.map((_, row) => all.filter((_, i) => sees(row, i)));
  for (const [row, cell] of flight.entries()) cell.key = law.key(cell, seen[row]);
  const logitsOf = (row: number) => law.logits(flight[row], seen[row]);
  const states = hidden ? flight.flatMap((_, row) => [...untempered(logitsOf(row), [])]) : null;
  const keys = Float32Array.from(flight.flatMap(({ token, key }) => [token, ...halves(key)]));
  const values = Float32Array.from(flight.flatMap(({ mixedKey }) => [0, ...halves(mixedKey)]));
  return {
    logits: Float32Array.from([...(rows ?? [])].flatMap((row) => [...logitsOf(row)])),
    hidden: states && Float32Array.from(states),
    present: {
      count: flight.length,
      positions: positions.slice(),
      keys: new Array<Float32Array>(numLayers).fill(keys),
      values: new Array<Float32Array>(numLayers).fill(values),
    },
  };
}

function cellsOf(cache: GraphCache): Cell[] {
  const [keys, values] = [cache.keys(0), cache.values(0)];
  return Array.from(cache.positions, (position, index): Cell => {
    const at = index * ROW;
    const key = keys[at + 1] * HALF + keys[at + 2];
    const mixedKey = values[at + 1] * HALF + values[at + 2];
    return { token: keys[at], position, index, key, mixedKey, saw: [] };
  });
}

const halves = (key: number) => [Math.floor(key / HALF), key % HALF];
