// A graph in few bits computes with the numbers that WebGPU's matrices stand for (format/quantize.ts), and takes f16 and bf16 as they are.
import { describe, expect, it } from "vitest";
import { fileSource } from "../../format/file-source.js";
import { dequantize, type QuantFormat, quantize } from "../../format/quantize.js";
import type { Dtype, Tensor } from "../../format/tensor.js";
import { widen } from "../../format/widen.js";
import { loadGraph } from "../../testing/onnx-bed.js";
import type { GraphRun } from "./graph-run.js";

const IDS = Int32Array.of(0, 17, 300, 411, 2, 80, 165, 33, 90);

async function logitsOf(graph: GraphRun): Promise<Float32Array> {
  const rows = IDS.map((_, row) => row);
  const { logits } = await graph.run({
    tokens: IDS,
    positions: rows,
    bias: null,
    rows,
    hidden: false,
    past: graph.cache(),
  });
  await graph.dispose();
  return logits;
}

/** The numbers of a tensor, as 32 bits. */
function wide(tensor: Tensor, values: Float32Array<ArrayBuffer>): Tensor {
  return { ...tensor, dtype: "F32", bytes: new Uint8Array(values.buffer) };
}

const distance = (one: Float32Array, other: Float32Array) =>
  Math.max(...one.map((value, i) => Math.abs(value - other[i])));
const isMatrix = ({ shape }: Tensor) => shape.length === 2;
const isEnd = ({ name }: Tensor) => /embed_tokens|wte|lm_head/.test(name);

describe.each<[string, QuantFormat]>([
  ["public/models/stories260k", "q8"],
  ["public/models/stories260k", "q4"],
  ["public/models/story-draft", "q4"],
])("%s in %s", (folder, format) => {
  it("gives the logits of its rounded numbers, to the bit where they are widened, packed up to the order of sums", async () => {
    const source = fileSource(folder);
    const change = (tensor: Tensor) => {
      if (!isMatrix(tensor) || tensor.shape[1] % 32 !== 0) return tensor;
      const own = isEnd(tensor) ? "q8" : format;
      return wide(tensor, dequantize(quantize(widen(tensor), own), own));
    };
    const expected = await logitsOf(await loadGraph(source, { change }));
    const rounded = await logitsOf(await loadGraph(source, { format }));
    expect([...rounded]).toEqual([...expected]);
    const packed = await logitsOf(await loadGraph(source, { format, isPacked: true }));
    expect(distance(packed, expected)).toBeLessThan(1e-4);
    expect(distance(rounded, await logitsOf(await loadGraph(source)))).toBeGreaterThan(1e-3);
  });
});

describe.each<[Dtype, (values: Float32Array) => Uint16Array<ArrayBuffer>]>([
  ["F16", (values) => Uint16Array.from(values, halfOf)],
  ["BF16", (values) => Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (bits) => bits >>> 16)],
])("weights in %s", (dtype, narrow) => {
  it("give the logits of the same numbers in 32 bits", async () => {
    const source = fileSource("public/models/stories260k");
    const narrowed = (tensor: Tensor): Tensor => ({
      ...tensor,
      dtype,
      bytes: new Uint8Array(narrow(widen(tensor)).buffer),
    });
    const actual = await logitsOf(await loadGraph(source, { change: narrowed }));
    const expected = await logitsOf(
      await loadGraph(source, { change: (tensor) => wide(tensor, widen(narrowed(tensor))) }),
    );
    expect([...actual]).toEqual([...expected]);
  });
});

/** The bits of a 16-bit float below a normal number of its range; nearer to zero, of zero. */
function halfOf(value: number): number {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  const exponent = ((bits >>> 23) & 255) - 112;
  return exponent <= 0 ? 0 : ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 1023);
}
