import { describe, expect, it } from "vitest";
import { memoryCheckpoint } from "../../../format/memory-checkpoint.js";
import type { Rows, Tensor, Weights } from "../../../format/tensor.js";
import { quantize } from "../../../format/quantize.js";
import { packPanels } from "../ops/panels.js";
import type { Arena } from "../gpu/arena.js";
import type { Variants } from "../ops/variants.js";
import { WeightFills } from "./weight-fills.js";

Object.assign(globalThis, { GPUBufferUsage: { STORAGE: 1, UNIFORM: 2, COPY_DST: 4 } });

const PANEL = { COLUMNS: 4, LANES: 8 };
const VARIANTS = { matmul: { panel: PANEL }, widensF16: false } as Variants;

/** An arena whose buffers are arrays, and the bytes that each holds by its label. */
function arrays() {
  const buffers = new Map<string, Uint8Array>();
  let numSent = 0;
  const storage = (label: string, numBytes: number) => {
    const buffer = new Uint8Array(numBytes).fill(0xaa);
    buffers.set(label, buffer);
    return buffer as unknown as GPUBuffer;
  };
  const queue = { submit: () => {}, onSubmittedWorkDone: async () => void numSent++ };
  const limits = { maxBufferSize: 2 ** 23, maxStorageBufferBindingSize: 2 ** 22 };
  const arena = {
    device: { queue, limits },
    storage,
    buffer: storage,
    write: (buffer: unknown, { buffer: from, byteOffset, byteLength }: ArrayBufferView, begin = 0) =>
      (buffer as Uint8Array).set(new Uint8Array(from, byteOffset, byteLength), begin),
  } as unknown as Arena;
  return { arena, buffers, sent: () => numSent };
}

function tensor(name: string, shape: number[], dtype: Tensor["dtype"] = "F16"): Tensor {
  const length = shape.reduce((product, size) => product * size, 1);
  // Numbers between 1 and 2, each its own.
  const words = dtype === "F32" ? Uint32Array.from({ length }, (_, i) => 0x3f800000 + i) : new Uint16Array(length);
  if (dtype !== "F32") for (let i = 0; i < length; i++) words[i] = 0x3c00 + (i % 1000);
  return { name, dtype, shape, bytes: new Uint8Array(words.buffer) as Uint8Array<ArrayBuffer> };
}

const TENSORS = [
  tensor("up", [4608, 64]),
  tensor("embedding", [40_000, 128]),
  tensor("k", [40, 64]),
  tensor("norm", [10], "F32"),
  tensor("gate", [4608, 64]),
  tensor("q", [100, 64]),
  tensor("wide", [9000, 192], "F32"),
];

const tensorOf = (name: string) => TENSORS.find((one) => one.name === name) as Tensor;

/** Fills one of each kind, and says what was read: names, with the first row of a part. */
async function filled(tensors: readonly Tensor[], format: "q8" | "q4" | null) {
  const { arena, buffers, sent } = arrays();
  const byName = new Map(tensors.map((one) => [one.name, one]));
  const plan = (name: string) => byName.get(name) as Tensor;
  const fills = new WeightFills(arena, plan, VARIANTS, { format });
  fills.end("end", "embedding");
  fills.matrix("qk", ["q", "k"]);
  fills.matrix("gated", ["gate", "up"], true);
  fills.vector("norms", ["norm", "norm"]);
  fills.matrix("wide", ["wide"]);
  const read: (string | [string, Rows])[] = [];
  const whole = memoryCheckpoint(byName);
  const weights: Weights = {
    ...whole,
    read: (name, rows) => {
      read.push(rows ? [name, rows] : name);
      return whole.read(name, rows);
    },
  };
  await fills.fill(weights);
  return { buffers, read, sent: sent() };
}

describe("weights", () => {
  it("are read in the order of their files, each once, and the large ones by rows", async () => {
    const { read } = await filled(TENSORS, null);
    const names = read.map((one) => (typeof one === "string" ? one : one[0]));
    expect([...new Set(names)]).toEqual(TENSORS.map(({ name }) => name));
    for (const { name, shape } of TENSORS) {
      const own = read.filter((one) => one === name || one[0] === name);
      const parts = own.flatMap((one) => (typeof one === "string" ? [] : [one[1]]));
      if (name !== "embedding" && name !== "wide") expect(own).toEqual([name]);
      else expect(parts.length).toBeGreaterThan(1);
      for (const [i, { begin, end }] of parts.entries()) {
        expect(begin).toBe(parts[i - 1]?.end ?? 0);
        expect((end - begin) * shape[1] * 2).toBeLessThanOrEqual(2 ** 22);
      }
      if (parts.length > 0) expect(parts.at(-1)?.end).toBe(shape[0]);
    }
  });

  it("lie on the device as panels that are made of them whole", async () => {
    const { buffers } = await filled(TENSORS, null);
    const words = (...names: string[]) =>
      Uint16Array.from(names.flatMap((name) => [...new Uint16Array(tensorOf(name).bytes.buffer)]));
    const packed = (values: Uint16Array | Float32Array, n: number, k: number, isGated = false) =>
      Buffer.from(packPanels(values, { n, k }, PANEL, isGated).buffer);
    expect(Buffer.compare(buffers.get("qk") as Buffer, packed(words("q", "k"), 140, 64))).toBe(0);
    expect(Buffer.compare(buffers.get("gated") as Buffer, packed(words("gate", "up"), 9216, 64, true))).toBe(0);
    const wide = new Float32Array(tensorOf("wide").bytes.buffer);
    expect(Buffer.compare(buffers.get("wide") as Buffer, packed(wide, 9000, 192))).toBe(0);
  });

  it("are rounded as they come, to the same in whatever order that is", async () => {
    const { buffers } = await filled(TENSORS, "q4");
    const other = await filled([...TENSORS].reverse(), "q4");
    for (const [label, bytes] of buffers) expect(Buffer.compare(bytes, other.buffers.get(label) as Buffer)).toBe(0);
    const wide = quantize(new Float32Array(tensorOf("wide").bytes.buffer), "q4");
    const codes = packPanels(wide.codes, { n: 9000, k: 96 }, PANEL);
    expect(Buffer.compare(buffers.get("wide") as Buffer, codes)).toBe(0);
    const scales = packPanels(wide.scales, { n: 9000, k: 6 }, PANEL, false, 1);
    expect(Buffer.compare(buffers.get("wide scales") as Buffer, Buffer.from(scales.buffer))).toBe(0);
  });
});
