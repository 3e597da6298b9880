// Weights that other libraries packed: the numbers are those of their own definitions, written here from these anew.
import { describe, expect, it } from "vitest";
import { numbers } from "../../testing/test-bed.js";
import { openCheckpoint } from "../checkpoint.js";
import { memorySource } from "../source.js";
import { widen, widenHalves } from "../widen.js";

type Entry = [name: string, dtype: string, shape: number[], bytes: ArrayBufferView<ArrayBuffer>];

/** A folder of these tensors, whose config has this packing. */
function folder(entries: readonly Entry[], quantization: object | null) {
  let end = 0;
  const header = Object.fromEntries(
    entries.map(([name, dtype, shape, { byteLength }]) => {
      end += byteLength;
      return [name, { dtype, shape, data_offsets: [end - byteLength, end] }];
    }),
  );
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const [, , , { buffer, byteOffset, byteLength }] of entries) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  const config = new TextEncoder().encode(JSON.stringify({ quantization_config: quantization ?? undefined }));
  return memorySource(
    new Map([
      ["model.safetensors", file],
      ["config.json", config],
    ]),
    "here",
  );
}

const open = (entries: readonly Entry[], quantization: object | null) => openCheckpoint(folder(entries, quantization));
const whole = (seed: number, length: number, most: number) =>
  Array.from(numbers(seed, length), (value) => Math.floor(((value + 1) / 2) * (most + 1)) % (most + 1));

describe.each(["gptq", "gptq_v2", "sym", "awq"] as const)("four bits as %s packs them", (kind) => {
  const [n, k, groupSize] = [24, 192, 64];
  const numGroups = k / groupSize;
  const isSymmetric = kind === "sym";
  const codes = whole(1, n * k, 15);
  // GPTQ's first format stores one less, so that its zero points are 1 to 16.
  const bias = kind === "gptq" || isSymmetric ? 1 : 0;
  const zeros = whole(2, n * numGroups, 15).map((zero) => (isSymmetric ? 8 : zero + bias));
  const scales = Uint16Array.from({ length: numGroups * n }, (_, i) => 0x1c00 + ((i * 37) % 700));
  const parts = (): Entry[] => {
    const words = (rows: number, columns: number, at: (row: number, column: number, i: number) => number) =>
      Uint32Array.from({ length: rows * columns }, (_, word) => {
        const [row, column] = [Math.floor(word / columns), word % columns];
        return [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, i) => sum + at(row, column, i) * 16 ** i, 0);
      });
    const order = kind === "awq" ? [0, 2, 4, 6, 1, 3, 5, 7] : [0, 1, 2, 3, 4, 5, 6, 7];
    const zero = words(numGroups, n / 8, (g, column, i) => zeros[g * n + column * 8 + order[i]] - bias);
    const packed =
      kind === "awq"
        ? words(k, n / 8, (row, column, i) => codes[(column * 8 + order[i]) * k + row])
        : words(k / 8, n, (row, column, i) => codes[column * k + row * 8 + i]);
    return [
      ["a.qweight", "I32", kind === "awq" ? [k, n / 8] : [k / 8, n], packed],
      ["a.qzeros", "I32", [numGroups, n / 8], zero],
      ["a.scales", "F16", [numGroups, n], scales],
      ["a.bias", "F16", [n], new Uint16Array(n)],
    ];
  };
  const method = kind === "awq" ? "awq" : "gptq";
  const format = kind === "gptq_v2" ? "gptq_v2" : "gptq";
  const config = { quant_method: method, bits: 4, group_size: groupSize, sym: isSymmetric, checkpoint_format: format };

  it("stands for its scale times what a code is above the zero point", async () => {
    const checkpoint = await open(parts(), config);
    expect([...checkpoint.tensors.values()].map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ["a.weight", isSymmetric ? "Q4_0" : "Q5_0", [n, k]],
      ["a.bias", "F16", [n]],
    ]);
    const units = widenHalves(scales);
    const expected = Float32Array.from(codes, (code, i) => {
      const group = Math.floor((i % k) / groupSize) * n + Math.floor(i / k);
      return units[group] * (code - zeros[group]);
    });
    const found = widen(await checkpoint.read("a.weight"));
    expect(found.findIndex((value, i) => value !== expected[i])).toBe(-1);
    expect(widen(await checkpoint.read("a.weight", { begin: 5, end: 7 }))).toEqual(found.slice(5 * k, 7 * k));
  });

  it("is refused where it is packed otherwise", async () => {
    const trivial = Uint32Array.from({ length: k }, (_, i) => Math.floor(i / groupSize));
    const ordered = trivial.toReversed();
    const read = async (groups: Uint32Array<ArrayBuffer>) =>
      (await open([...parts(), ["a.g_idx", "I32", [k], groups]], config)).read("a.weight");
    await expect(read(trivial)).resolves.toBeDefined();
    await expect(read(ordered)).rejects.toThrow(/a\.g_idx orders its columns \(desc_act\)/);
    const act = (change: object) => open(parts(), { ...config, ...change });
    await expect(act({ bits: 8 })).rejects.toThrow(/8 bits in here.*supported: 4 bits/);
    await expect(act({ group_size: 48 })).rejects.toThrow(/groups of 48 in rows of 192/);
    await expect(act({ quant_method: "other" })).rejects.toThrow(/a\.qweight is packed by quant_method "other"/);
    if (method === "awq") await expect(act({ version: "GEMV" })).rejects.toThrow(/version gemv/);
    if (kind === "gptq") {
      await expect((await act({ sym: true })).read("a.weight")).rejects.toThrow(
        /a\.qzeros has zero points other than 8/,
      );
    }
    const [weight, , ...others] = parts();
    await expect(open([weight, ...others], config)).rejects.toThrow(/a\.qzeros is missing/);
  });
});

describe("weights of a byte each", () => {
  const [n, k] = [6, 20];
  const bytes = Uint8Array.from({ length: n * k }, (_, i) => (i * 67 + 11) % 256);
  /** By their definition: a sign, exponent bits less a bias, and a fraction. */
  const float = (byte: number, exponentBits: number) => {
    const fractionBits = 7 - exponentBits;
    const bias = 2 ** (exponentBits - 1) - 1;
    const exponent = (byte & 127) >> fractionBits;
    const fraction = (byte & (2 ** fractionBits - 1)) / 2 ** fractionBits;
    if (exponentBits === 5 && exponent === 31) return fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
    if (exponentBits === 4 && (byte & 127) === 127) return Number.NaN;
    return exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
  };
  const signed = (byte: number, exponentBits: number) => (byte < 128 ? 1 : -1) * float(byte, exponentBits);
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);

  it.each([
    ["F8_E4M3", 4],
    ["F8_E5M2", 5],
  ])("%s without factors is f16, all 256 of them", async (dtype, exponentBits) => {
    const checkpoint = await open([["w.weight", dtype, [16, 16], all]], null);
    expect(checkpoint.tensors.get("w.weight")?.dtype).toBe("F16");
    const expected = Float32Array.from(all, (byte) => signed(byte, exponentBits));
    expect(widen(await checkpoint.read("w.weight"))).toEqual(expected);
    expect(widen(await checkpoint.read("w.weight", { begin: 3, end: 5 }))).toEqual(expected.slice(48, 80));
  });

  it.each<[string, string, number[], (row: number, column: number) => number]>([
    ["one for all", "_scale", [], () => 0],
    ["one for all, in a list", "_scale", [1], () => 0],
    ["one a row", "_scale", [n, 1], (row) => row],
    ["one for each 4 by 8", "_scale_inv", [2, 3], (row, column) => Math.floor(row / 4) * 3 + Math.floor(column / 8)],
  ])("are multiplied by their factors: %s", async (_, suffix, shape, factorOf) => {
    const factors = numbers(
      4,
      shape.reduce((product, size) => product * size, 1),
    );
    for (const [dtype, number] of [
      ["F8_E4M3", (byte: number) => signed(byte, 4)],
      ["I8", (byte: number) => (byte < 128 ? byte : byte - 256)],
    ] as const) {
      const entries: Entry[] = [
        ["w.weight", dtype, [n, k], bytes],
        [`w.weight${suffix}`, "F32", shape, factors],
        ["w.input_scale", "F32", [], Float32Array.of(3)],
      ];
      const checkpoint = await open(entries, { quant_method: "fp8", weight_block_size: [4, 8] });
      expect([...checkpoint.tensors.keys()]).toEqual(["w.weight"]);
      const expected = Float32Array.from(
        bytes,
        (byte, i) => number(byte) * factors[factorOf(Math.floor(i / k), i % k)],
      );
      expect(widen(await checkpoint.read("w.weight"))).toEqual(expected);
      expect(widen(await checkpoint.read("w.weight", { begin: 3, end: 6 }))).toEqual(expected.slice(3 * k));
    }
  });

  it("are refused with factors of another shape, and whole numbers without any", async () => {
    const wrong: Entry[] = [
      ["w.weight", "F8_E4M3", [n, k], bytes],
      ["w.weight_scale", "F32", [5], new Float32Array(5)],
    ];
    await expect(open(wrong, { quant_method: "fp8" })).rejects.toThrow(
      /w\.weight_scale has shape \[5\] for a weight of shape \[6, 20\]/,
    );
    await expect(open([["w.weight", "I8", [n, k], bytes]], null)).rejects.toThrow(
      /w\.weight is stored as I8 without w\.weight_scale/,
    );
    const packed: Entry = ["w.weight_packed", "I32", [n, 5], new Uint32Array(n * 5)];
    await expect(open([packed], { quant_method: "compressed-tensors" })).rejects.toThrow(
      /w\.weight_packed is packed as compressed-tensors/,
    );
  });
});
