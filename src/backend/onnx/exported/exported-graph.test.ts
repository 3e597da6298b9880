import { expect, it } from "vitest";
import { ModelLoadError } from "../../../vocabulary/errors.js";
import type { OnnxRuntime } from "../onnx-graph.js";
import { ExportedGraph } from "./exported-graph.js";
import type { GraphShape } from "./graph-shape.js";

const VOCAB = 3;

class FakeTensor {
  constructor(
    readonly type: string,
    readonly data: ArrayLike<number | bigint | boolean>,
    readonly dims: readonly number[],
  ) {}
}

type Feed = Record<string, FakeTensor>;

const value = (part: string) => ({
  input: `past_key_values.0.${part}`,
  output: `present.0.${part}`,
  numHeads: 2,
  headDim: 1,
  type: "float32" as const,
});
const SHAPE: GraphShape = {
  ids: "int64",
  mask: "int64",
  positions: "int64",
  hasBranch: false,
  numLogits: null,
  isSingle: false,
  isLastOnly: false,
  past: [value("key"), value("value")],
  numLayers: 1,
};

/** A graph that keeps each token as its key, negated as its value, and says of a row the tokens' sum up to it. */
function graphOf(change: Partial<GraphShape>, spoil: (dims: number[]) => number[] = (dims) => dims) {
  const shape = { ...SHAPE, ...change };
  const feeds: Feed[] = [];
  const session = {
    async run(feed: Feed, names: readonly string[]) {
      feeds.push(feed);
      const ids = Array.from(feed.input_ids.data, Number);
      const { data: keys, dims } = feed["past_key_values.0.key"];
      const before = Array.from(keys, Number).slice(0, dims[2]);
      const all = [...before, ...ids];
      const rows = ids.map((_, row) => all.slice(0, before.length + row + 1).reduce((a, b) => a + b, 0));
      const kept = shape.numLogits ? Number(feed[shape.numLogits.name].data[0]) : shape.isLastOnly ? 1 : ids.length;
      const logits = rows.slice(rows.length - kept).flatMap((sum) => [sum, -sum, 0]);
      const outputs: Record<string, FakeTensor> = {
        logits: new FakeTensor("float32", Float32Array.from(logits), spoil([1, kept, VOCAB])),
        "present.0.key": new FakeTensor("float32", Float32Array.from([...all, ...all]), [1, 2, all.length, 1]),
        "present.0.value": new FakeTensor(
          "float32",
          Float32Array.from([...all, ...all], (x) => -x),
          [1, 2, all.length, 1],
        ),
      };
      return Object.fromEntries(names.map((name) => [name, outputs[name]]));
    },
  };
  const runtime = { Tensor: FakeTensor } as unknown as OnnxRuntime;
  return { graph: new ExportedGraph(runtime, session as never, shape, VOCAB, "onnx/model.onnx in m/"), feeds };
}

/** The first logit of each wanted row, of tokens behind a past of 1 and 2. */
async function read(change: Partial<GraphShape>, tokens: number[], wanted: number[]) {
  const { graph, feeds } = graphOf(change);
  const past = graph.cache();
  const run = (ids: number[], rows: number[] | null) =>
    graph.run({
      tokens: Int32Array.from(ids),
      positions: Int32Array.from(ids.keys(), (row) => past.length + row),
      bias: null,
      rows: rows && Int32Array.from(rows),
      hidden: false,
      past,
    });
  past.append((await run([1, 2], null)).present);
  const { logits, present } = await run(tokens, wanted);
  past.append(present);
  return { sums: wanted.map((_, i) => logits[i * VOCAB]), feeds, past };
}

it.each<[string, Partial<GraphShape>, number[][]]>([
  ["together", {}, [[3, 4, 5]]],
  ["one by one behind a past, where a graph has a branch for that", { hasBranch: true }, [[3], [4], [5]]],
  ["one by one, where a graph takes no more", { isSingle: true }, [[3], [4], [5]]],
  ["up to each that is asked for, where a graph says the last alone", { isLastOnly: true }, [[3], [4, 5]]],
  [
    "together, with as many logits as reach the first that is asked for",
    { numLogits: { name: "num_logits_to_keep", rank: 0 } },
    [[3, 4, 5]],
  ],
])("rows are read %s", async (_title, change, passes) => {
  const { sums, feeds, past } = await read(change, [3, 4, 5], [2, 0]);
  expect(sums).toEqual([15, 6]);
  const own = feeds.slice(-passes.length);
  expect(own.map(({ input_ids }) => Array.from(input_ids.data, Number))).toEqual(passes);
  expect(own.map(({ attention_mask }) => attention_mask.data.length)).toEqual(
    passes.map((_, i) => 2 + passes.slice(0, i + 1).flat().length),
  );
  expect(own.flatMap(({ position_ids }) => Array.from(position_ids.data, Number))).toEqual([2, 3, 4]);
  expect(past.length).toBe(5);
  expect([...past.fed()[0]]).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
});

it("tells a graph of two whether there is a past, and feeds nothing that it has no input for", async () => {
  const { feeds } = await read({ hasBranch: true, mask: null, positions: null }, [3], [0]);
  expect(feeds.map(({ use_cache_branch }) => use_cache_branch.data[0])).toEqual([false, true]);
  expect(Object.keys(feeds[0]).sort()).toEqual([
    "input_ids",
    "past_key_values.0.key",
    "past_key_values.0.value",
    "use_cache_branch",
  ]);
});

it("asks for the logits of no more rows than are wanted", async () => {
  const { feeds } = await read({ numLogits: { name: "logits_to_keep", rank: 1 } }, [3, 4, 5], [1]);
  expect(feeds.map(({ logits_to_keep: { data, dims } }) => [Number(data[0]), [...dims]])).toEqual([
    [1, [1]],
    [2, [1]],
  ]);
});

it("leaves rows out that weren't kept, and shares those of a copy", async () => {
  const { past } = await read({}, [3, 4, 5], []);
  const copy = past.copy();
  past.truncate(3);
  expect([...past.fed()[1]]).toEqual([-1, -2, -3, -1, -2, -3]);
  expect([...copy.fed()[0]]).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
});

it("says so when a graph gives something else than its inputs promise", async () => {
  const { graph } = graphOf({});
  const past = graph.cache();
  const feeds = { tokens: Int32Array.of(1), positions: Int32Array.of(0), bias: null, hidden: false, past };
  const wide = new ExportedGraph(
    { Tensor: FakeTensor } as never,
    {
      run: async () => ({
        logits: new FakeTensor("float32", new Float32Array(4), [1, 1, 4]),
        "present.0.key": new FakeTensor("float32", new Float32Array(2), [1, 2, 1, 1]),
        "present.0.value": new FakeTensor("float32", new Float32Array(6), [1, 2, 3, 1]),
      }),
    } as never,
    SHAPE,
    VOCAB,
    "onnx/model.onnx in m/",
  );
  const act = wide.run({ ...feeds, rows: Int32Array.of(0) });
  await expect(act).rejects.toThrow(ModelLoadError);
  await expect(act).rejects.toThrow(/gives present\.0\.value of shape \[1,2,3,1\] for 1 rows of 2 heads of 1/);
});
