// The graph computes what transformers does, of every family: the same goldens and tolerances as WebGPU's.
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../format/file-source.js";
import { loadGraph } from "../../testing/onnx-bed.js";
import type { OnnxGraph } from "./onnx-graph.js";

interface Expected {
  input_ids: number[];
  logits_causal: number[][];
  greedy: number[];
  logits_full: number[][];
  logits_block4: number[][];
  tree?: { prefix_ids: number[]; tokens: number[]; parents: number[]; logits: number[][] };
  /** A text beyond the trained length, read by the rotation of a context that is asked for. */
  long?: { context: number; input_ids: number[]; logits_causal: number[][] };
  tolerance: number;
}

const FIXTURES = readdirSync("tests/fixtures/models");

function worst(actual: Float32Array, expected: number[][]): number {
  const flat = expected.flat();
  expect(actual.length).toBe(flat.length);
  return flat.reduce((max, value, i) => Math.max(max, Math.abs(value - actual[i])), 0);
}

const counting = (count: number, start = 0) => Int32Array.from({ length: count }, (_, i) => start + i);

/** The bias of rows without a past where row q sees key k as `sees` has it. */
function biasOf(numRows: number, sees: (q: number, k: number) => boolean): Float32Array {
  return Float32Array.from({ length: numRows * numRows }, (_, i) =>
    sees(Math.floor(i / numRows), i % numRows) ? 0 : Number.NEGATIVE_INFINITY,
  );
}

describe.each(FIXTURES)("%s agrees with transformers", (name) => {
  const folder = `tests/fixtures/models/${name}`;
  const expected = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) as Expected;
  const ids = Int32Array.from(expected.input_ids);
  let graph: OnnxGraph;

  beforeAll(async () => {
    graph = await loadGraph(fileSource(folder));
  });
  afterAll(() => graph.dispose());

  const whole = (bias: Float32Array | null, rows: Int32Array) =>
    graph.run({ tokens: ids, positions: counting(ids.length), bias, rows, hidden: false, past: graph.cache() });

  it("on causal logits", async () => {
    const { logits } = await whole(null, counting(4, ids.length - 4));
    expect(worst(logits, expected.logits_causal)).toBeLessThan(expected.tolerance);
  });

  it("on greedy ids, prefilled and decoded through the cache", async () => {
    const past = graph.cache();
    const tokens: number[] = [];
    let next = ids;
    while (tokens.length < expected.greedy.length) {
      const positions = counting(next.length, past.length);
      const rows = Int32Array.of(next.length - 1);
      const { logits, present } = await graph.run({ tokens: next, positions, bias: null, rows, hidden: false, past });
      past.append(present);
      next = Int32Array.of(logits.indexOf(Math.max(...logits)));
      tokens.push(next[0]);
    }
    expect(tokens).toEqual(expected.greedy);
  });

  it.runIf(expected.logits_full)("on full attention", async () => {
    const { logits } = await whole(
      biasOf(ids.length, () => true),
      counting(ids.length),
    );
    expect(worst(logits, expected.logits_full)).toBeLessThan(expected.tolerance);
  });

  it.runIf(expected.logits_block4)("on block-causal attention", async () => {
    const blockOf = (row: number) => Math.floor(row / 4);
    const bias = biasOf(ids.length, (q, k) => blockOf(k) <= blockOf(q));
    const { logits } = await whole(bias, counting(ids.length));
    expect(worst(logits, expected.logits_block4)).toBeLessThan(expected.tolerance);
  });

  it.runIf(expected.long)("on a text beyond the trained length", async () => {
    if (!expected.long) return;
    const { context, input_ids, logits_causal: wanted } = expected.long;
    const wide = await loadGraph(fileSource(folder), { context });
    const tokens = Int32Array.from(input_ids);
    const rows = counting(4, tokens.length - 4);
    const positions = counting(tokens.length);
    const { logits } = await wide.run({ tokens, positions, bias: null, rows, hidden: false, past: wide.cache() });
    expect(worst(logits, wanted)).toBeLessThan(expected.tolerance);
    wide.dispose();
  });

  it.runIf(expected.tree)("on a tree behind a causal prefix", async () => {
    const { tree } = expected;
    if (!tree) return;
    const prefix = Int32Array.from(tree.prefix_ids);
    const past = graph.cache();
    const read = { tokens: prefix, positions: counting(prefix.length), bias: null, rows: null, hidden: false, past };
    past.append((await graph.run(read)).present);
    const depth: number[] = [];
    const sees = tree.parents.map((parent, row) => {
      depth.push(parent < 0 ? 0 : depth[parent] + 1);
      const seen = new Set([row]);
      for (let at = parent; at >= 0; at = tree.parents[at]) seen.add(at);
      return seen;
    });
    const numKeys = prefix.length + sees.length;
    const bias = new Float32Array(sees.length * numKeys);
    for (const [q, seen] of sees.entries()) {
      for (let k = 0; k < sees.length; k++) {
        if (!seen.has(k)) bias[q * numKeys + prefix.length + k] = Number.NEGATIVE_INFINITY;
      }
    }
    const positions = Int32Array.from(depth, (one) => prefix.length + one);
    const tokens = Int32Array.from(tree.tokens);
    const rows = counting(tokens.length);
    const { logits } = await graph.run({ tokens, positions, bias, rows, hidden: false, past });
    expect(worst(logits, tree.logits)).toBeLessThan(expected.tolerance);
  });
});
