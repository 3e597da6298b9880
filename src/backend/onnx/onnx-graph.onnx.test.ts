import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../architecture/config.js";
import { fileSource } from "../../format/file-source.js";
import type { Tensor } from "../../format/tensor.js";
import { ModelLoadError, OutOfMemoryError } from "../../vocabulary/errors.js";
import { loadGraph, readModel } from "../../testing/onnx-bed.js";
import type { GraphCache } from "./graph-cache.js";
import { loadWebAssemblyRuntime } from "./load-runtime.js";
import { type OnnxFeeds, OnnxGraph, type OnnxRuntime } from "./onnx-graph.js";

const IDS = [1, 403, 407, 261, 378, 31, 17, 300, 99, 440, 2, 55];
let graph: OnnxGraph;
beforeAll(async () => {
  graph = await loadGraph(fileSource("public/models/stories260k"));
});
afterAll(() => graph.dispose());

/** Reads ids behind a cache, in order, with logits of every row. */
function read(ids: readonly number[], past: GraphCache, how: Partial<OnnxFeeds> = {}) {
  const rows = Int32Array.from(ids.keys());
  const positions = rows.map((row) => past.length + row);
  return graph.run({ tokens: Int32Array.from(ids), positions, bias: null, rows, hidden: false, past, ...how });
}

/** A cache that has read these ids. */
async function readInto(ids: readonly number[]): Promise<GraphCache> {
  const past = graph.cache();
  past.append((await read(ids, past)).present);
  return past;
}

const rowOf = (logits: Float32Array, row: number) => [
  ...logits.subarray(row * graph.vocabSize, (row + 1) * graph.vocabSize),
];

/** Keys that aren't seen stand between those that are: sums are made in other groups, so that bits may differ. */
function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-4);
}

it("graphs of one shape that are loaded together have each its own weights", async () => {
  const source = fileSource("public/models/stories260k");
  const negate = (tensor: Tensor): Tensor => ({
    ...tensor,
    bytes: tensor.bytes.map((byte, i) => (i % 4 === 3 ? byte ^ 0x80 : byte)),
  });
  const runtime = await loadWebAssemblyRuntime();
  const models = [await readModel(source), await readModel(source, negate)];
  const [one, other] = await Promise.all(
    models.map(({ architecture, weights }) => OnnxGraph.load(runtime, architecture, weights, { context: 64 })),
  );
  const logitsOf = async (of: OnnxGraph) => {
    const positions = Int32Array.from(IDS.keys());
    const feeds = { tokens: Int32Array.from(IDS), positions, bias: null, rows: positions, hidden: false };
    return (await of.run({ ...feeds, past: one.cache() })).logits;
  };
  expect(await logitsOf(one)).toEqual(await logitsOf(graph));
  expect(await logitsOf(other)).not.toEqual(await logitsOf(graph));
  await Promise.all([one.dispose(), other.dispose()]);
});

it("counts its weights as the runtime holds them: those of 16 bits are widened", async () => {
  const halve = (tensor: Tensor): Tensor => ({
    ...tensor,
    dtype: "BF16",
    bytes: tensor.bytes.filter((_, i) => i % 4 > 1),
  });
  const { architecture, weights } = await readModel(fileSource("public/models/stories260k"), halve);
  const narrow = await OnnxGraph.load(await loadWebAssemblyRuntime(), architecture, weights, { context: 64 });
  const numParameters = [...weights.tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  // Beside the parameters there are a sine and a cosine for each position and pair of a head's numbers.
  const expected = [narrow, graph].map(({ maxLength }) => 4 * (numParameters + maxLength * architecture.headDim));
  expect([narrow.weightBytes, graph.weightBytes]).toEqual(expected);
  await narrow.dispose();
});

describe("a graph's forward", () => {
  it("gives the logits of the listed rows in their order, and none where none are", async () => {
    const { logits: all } = await read(IDS, graph.cache());
    const { logits: some } = await read(IDS, graph.cache(), { rows: Int32Array.of(11, 0, 5) });
    expect(some.length).toBe(3 * graph.vocabSize);
    expect([11, 0, 5].map((row) => rowOf(all, row))).toEqual([0, 1, 2].map((row) => rowOf(some, row)));
    const none = await read(IDS, graph.cache(), { rows: null });
    expect(none.logits.length).toBe(0);
    expect(none.present.count).toBe(12);
  });

  it("gives hidden states where they are asked for", async () => {
    const { hidden } = await read(IDS, graph.cache());
    expect(hidden).toBeNull();
    const asked = await read(IDS, graph.cache(), { hidden: true, rows: null });
    expect(asked.hidden?.length).toBe(IDS.length * graph.hiddenSize);
  });

  it("leaves its cache as it was", async () => {
    const past = await readInto(IDS.slice(0, 5));
    const before = [past.length, ...past.keys(0), ...past.values(graph.numLayers - 1)];
    await read(IDS.slice(5), past);
    expect([past.length, ...past.keys(0), ...past.values(graph.numLayers - 1)]).toEqual(before);
  });

  it("goes on behind a cut, in a copy, and behind listed rows as if nothing else had been read", async () => {
    const { logits: all } = await read(IDS, graph.cache());
    const cut = await readInto([...IDS.slice(0, 4), 9, 9, 9]);
    cut.truncate(4);
    const copy = cut.copy();
    cut.append((await read([7], cut)).present);
    const { present } = await read([IDS[4], 8, IDS[5]], copy, {
      positions: Int32Array.of(4, 5, 5),
      bias: Float32Array.from({ length: 21 }, (_, i) => (i % 7 === 5 || i === 6 ? Number.NEGATIVE_INFINITY : 0)),
    });
    copy.append(present, [0, 2]);
    const { logits } = await read(IDS.slice(6), copy);
    expectNear(rowOf(logits, 5), rowOf(all, 11));
  });

  it("reads overwritten rows as they are now", async () => {
    const { logits: all } = await read(IDS, graph.cache());
    const past = await readInto([...IDS.slice(0, 3), 9, ...IDS.slice(4, 8)]);
    // The row at slot 3 anew: it sees what stands before it, and itself in its place.
    const bias = Float32Array.from({ length: 9 }, (_, key) => (key < 3 || key === 8 ? 0 : Number.NEGATIVE_INFINITY));
    const { present } = await read([IDS[3]], past, { positions: Int32Array.of(3), bias });
    past.write([3], present);
    past.truncate(4);
    const { logits } = await read(IDS.slice(4), past);
    expectNear(rowOf(logits, 7), rowOf(all, 11));
  });

  it("has a row that sees nothing attend to nothing", async () => {
    const blind = async (ids: readonly number[]) => {
      const past = await readInto(ids);
      const bias = new Float32Array(ids.length + 1).fill(Number.NEGATIVE_INFINITY);
      return [...(await read([17], past, { positions: Int32Array.of(3), bias })).logits];
    };
    const [one, other] = [await blind([1, 403, 407]), await blind([5, 6, 7, 8, 9])];
    expect(one).toEqual(other);
    expect(one.every(Number.isFinite)).toBe(true);
  });

  it("waits for those asked for before it, and works after one that failed", async () => {
    const { logits: all } = await read(IDS, graph.cache());
    const [failed, works] = await Promise.allSettled([read([100_000], graph.cache()), read(IDS, graph.cache())]);
    expect(failed.status).toBe("rejected");
    expect(works.status === "fulfilled" && [...works.value.logits]).toEqual([...all]);
  });

  it("refuses positions beyond the context before it runs", async () => {
    const one = { positions: Int32Array.of(graph.maxLength) };
    await expect(read([5], graph.cache(), one)).rejects.toThrow(/position 256 .* 256/);
    await expect(read([5], graph.cache(), { positions: Int32Array.of(graph.maxLength - 1) })).resolves.toBeTruthy();
  });
});

describe("a graph that the runtime doesn't take", () => {
  const load = async (reason: string) => {
    const create = () => Promise.reject(new Error(reason));
    const runtime = { InferenceSession: { create } } as unknown as OnnxRuntime;
    const source = fileSource("public/models/stories260k");
    const architecture = parseConfig(await source.json("config.json"), {});
    return OnnxGraph.load(runtime, architecture, (await readModel(source)).weights, { context: 64 });
  };

  it.each(["std::bad_alloc", "Array buffer allocation failed", "WebAssembly.Memory.grow(): out of memory"])(
    "for its size is out of memory: %s",
    async (reason) => {
      await expect(load(reason)).rejects.toThrow(OutOfMemoryError);
      await expect(load(reason)).rejects.toThrow(/smaller model or a shorter context/);
    },
  );

  it("for anything else can't be loaded", async () => {
    await expect(load("no such operator")).rejects.toThrow(ModelLoadError);
    await expect(load("no such operator")).rejects.toThrow(/no such operator.*use device "webgpu"/);
  });
});
