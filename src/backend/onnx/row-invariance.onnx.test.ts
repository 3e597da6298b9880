// Bitwise: a row's logits, keys and values are the same however many rows are read with it. Speculative text is plain text by this.
import { describe, expect, it } from "vitest";
import { fileSource } from "../../format/file-source.js";
import { loadGraph } from "../../testing/onnx-bed.js";
import { IS_WHOLE } from "../../testing/test-depth.js";
import type { OnnxGraph } from "./onnx-graph.js";

const NUM_ROWS = 40;

/** All logits, keys and values of a text that is read in portions of these sizes, over and over. */
async function readIn(graph: OnnxGraph, sizes: readonly number[]): Promise<Float32Array[]> {
  const past = graph.cache();
  const logits = new Float32Array(NUM_ROWS * graph.vocabSize);
  for (let portion = 0; past.length < NUM_ROWS; portion++) {
    const start = past.length;
    const count = Math.min(sizes[portion % sizes.length], NUM_ROWS - start);
    const rows = Int32Array.from({ length: count }, (_, row) => row);
    const tokens = rows.map((row) => ((start + row) * 37 + 5) % graph.vocabSize);
    const positions = rows.map((row) => start + row);
    const read = await graph.run({ tokens, positions, bias: null, rows, hidden: false, past });
    logits.set(read.logits, start * graph.vocabSize);
    past.append(read.present);
  }
  const layers = Array.from({ length: graph.numLayers }, (_, layer) => layer);
  return [logits, ...layers.flatMap((layer) => [past.keys(layer), past.values(layer)])];
}

const FIXTURES = ["llama", "gemma3_text", "gpt_neox", "smollm3"].map((name) => `tests/fixtures/models/${name}`);
const CASES = [
  ["public/models/story-ar", null],
  ["public/models/story-ar", "q4"],
  ...FIXTURES.map((folder) => [folder, null] as const),
] as const;

describe.each(CASES)("of %s as %s", (folder, format) => {
  it("rows don't depend on those read with them", async () => {
    const graph = await loadGraph(fileSource(folder), { format, isPacked: true });
    const alone = await readIn(graph, [1]);
    for (const sizes of IS_WHOLE ? [[2], [3], [4], [5], [8], [16], [40], [33, 1, 6]] : [[2], [8], [33, 1, 6]]) {
      const together = await readIn(graph, sizes);
      const numDifferent = alone.map((values, i) => values.filter((value, at) => value !== together[i][at]).length);
      expect(numDifferent, `${sizes}`).toEqual(alone.map(() => 0));
    }
    await graph.dispose();
  });
});
