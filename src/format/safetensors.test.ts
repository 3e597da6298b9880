import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ModelLoadError } from "../vocabulary/errors.js";
import { loadCheckpoint, openCheckpoint } from "./checkpoint.js";
import { fileSource } from "./file-source.js";
import type { Rows, Tensor } from "./tensor.js";
import { type ModelSource, memorySource, type Progress } from "./source.js";
import { widen } from "./widen.js";

type Header = Record<string, unknown>;

/** A safetensors file with this header in front of this data. */
function pack(header: Header | string, data: Uint8Array = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const folderOf = (file: Uint8Array<ArrayBuffer>) => memorySource(new Map([["model.safetensors", file]]), "here");

async function refusal(act: () => unknown): Promise<ModelLoadError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof ModelLoadError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("damage", () => {
  const whole = pack({ a: entry(0, 8), b: entry(8, 16) }, new Uint8Array(16));
  const data = new Uint8Array(16);
  const longHeader = whole.slice();
  longHeader[7] = 1;

  it.each<[string, Uint8Array<ArrayBuffer>, RegExp]>([
    ["an empty file", new Uint8Array(0), /0 bytes long/],
    ["a header longer than the file", whole.slice(0, 40), /header claims \d+ bytes, but only 32 follow/],
    ["an absurd header length", longHeader, /header claims 72057594037928\d+ bytes/],
    ["a header that isn't JSON", pack("{nonsense"), /header isn't JSON/],
    ["a header that is a list", pack("[]"), /isn't a JSON object/],
    ["cut data", whole.slice(0, -3), /tensor b ends at byte 16 of the data, but the file holds only 13/],
    ["bytes behind the data", pack({ a: entry(0, 8) }, data), /16 bytes long, expected 8/],
    ["overlapping tensors", pack({ a: entry(0, 12), b: entry(8, 16) }, data), /b starts at byte 8, expected 12/],
    ["a hole", pack({ a: entry(0, 4), b: entry(8, 16) }, data), /b starts at byte 8, expected 4/],
    ["offsets the wrong way round", pack({ a: entry(8, 0, [2]) }, data), /a has data_offsets \[8,0\]/],
    ["negative offsets", pack({ a: entry(-4, 0, [1]) }, data), /a has data_offsets \[-4,0\]/],
    ["no offsets", pack({ a: { dtype: "F32", shape: [1] } }, data), /a has data_offsets undefined/],
    ["fractional sizes", pack({ a: entry(0, 16, [1.5]) }, data), /a has shape \[1.5\]/],
    [
      "a shape that isn't the length",
      pack({ a: entry(0, 16, [3]) }, data),
      /a holds 16 bytes, expected 12 for F32 of shape \[3\]/,
    ],
    [
      "a dtype that isn't the length",
      pack({ a: entry(0, 16, [4], "F16") }, data),
      /a holds 16 bytes, expected 8 for F16/,
    ],
    [
      "an unknown dtype",
      pack({ a: entry(0, 16, [4], "F4") }, data),
      /a is stored as "F4"; supported are F32, F16, BF16/,
    ],
    ["an entry that is a number", pack({ a: 5 }, data), /entry for tensor a isn't an object/],
  ])("refuses %s in one line that names the file", async (_what, file, message) => {
    const error = await refusal(() => loadCheckpoint(folderOf(file)));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^model\.safetensors in here/);
    expect(error.message).not.toContain("\n");
  });
});

describe("tensors", () => {
  it("are read one by one, whole or some of their rows, into buffers of their own", async () => {
    const header = { a: entry(0, 2, [1], "F16"), b: entry(2, 26, [3, 2]), c: entry(26, 26, [0]) };
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    const file = pack(header, Uint8Array.of(0, 0x3c, ...new Uint8Array(values.buffer)));
    const checkpoint = await openCheckpoint(folderOf(file));
    const read = async (name: string, rows?: Rows) => {
      const tensor = await checkpoint.read(name, rows);
      expect(tensor.bytes.byteOffset % 4).toBe(0);
      return [tensor.shape, [...widen(tensor)]];
    };
    expect(await read("b")).toEqual([[3, 2], [...values]]);
    expect(await read("b", { begin: 1, end: 3 })).toEqual([
      [2, 2],
      [3, 4, 5, 6],
    ]);
    expect(await read("a")).toEqual([[1], [1]]);
    expect(await read("c")).toEqual([[0], []]);
    await checkpoint.close();
  });

  it("of the fixtures add up to the whole file", async () => {
    for (const name of ["llama", "llama-tied-rope3", "qwen2", "qwen3"]) {
      const folder = new URL(`../../tests/fixtures/models/${name}`, import.meta.url).pathname;
      const file = readFileSync(`${folder}/model.safetensors`);
      const tensors = await loadCheckpoint(fileSource(folder));
      const dataBytes = [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
      expect(dataBytes).toBe(file.length - 8 - Number(file.readBigUInt64LE()));
      for (const tensor of tensors.values()) expect(widen(tensor).every((value) => Math.abs(value) < 10)).toBe(true);
    }
  });
});

it("leaves out masks and counters, whose bytes are checked all the same", async () => {
  const data = new Uint8Array(20);
  const mask = { dtype: "BOOL", shape: [1, 1, 2, 2], data_offsets: [8, 12] };
  const count = { dtype: "I64", shape: [], data_offsets: [12, 20] };
  const file = pack({ a: entry(0, 8), "h.0.attn.bias": mask, "h.0.seen": count }, data);
  expect([...(await loadCheckpoint(folderOf(file))).keys()]).toEqual(["a"]);
  const short = pack({ a: entry(0, 8), mask: { ...mask, shape: [3] }, count }, data);
  await expect(loadCheckpoint(folderOf(short))).rejects.toThrow(/mask holds 4 bytes, expected 3 for BOOL/);
});

describe("widen", () => {
  const tensor = (dtype: Tensor["dtype"], words: number[]): Tensor => {
    const stored = Uint16Array.from(words);
    return { name: "w", dtype, shape: [words.length], bytes: new Uint8Array(stored.buffer) };
  };

  it("gives f16's values exactly: normal, subnormal, signed zero, infinite and NaN", () => {
    // Values by Python's struct format "e".
    const words = [
      0x3c00, 0x3555, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x8001, 0xc000, 0x0000, 0x8000, 0x7c00, 0xfc00, 0x7e01,
    ];
    const values = [1, 0.333251953125, 65504, 2 ** -24, 6.097555160522461e-5, 2 ** -14, -(2 ** -24), -2, 0, -0];
    expect([...widen(tensor("F16", words))]).toEqual([
      ...values,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  it("gives every f16 the value of its fields", () => {
    const wide = widen(
      tensor(
        "F16",
        Array.from({ length: 1 << 16 }, (_, half) => half),
      ),
    );
    for (let half = 0; half < 1 << 16; half++) {
      const exponent = (half >> 10) & 31;
      const fraction = (half & 1023) / 1024;
      if (exponent === 31) continue;
      const size = exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14;
      if (wide[half] !== (half & 0x8000 ? -size : size)) throw new Error(`f16 ${half} became ${wide[half]}`);
    }
  });

  it("gives bf16's values exactly", () => {
    const words = [0x3f80, 0xc049, 0x7f7f, 0x0001, 0x8000, 0x7f80];
    const values = [1, -3.140625, 3.3895313892515355e38, 2 ** -133, -0, Number.POSITIVE_INFINITY];
    expect([...widen(tensor("BF16", words))]).toEqual(values);
  });
});

describe("checkpoints", () => {
  const shard = (name: string, value: number) =>
    pack({ [name]: entry(0, 4) }, new Uint8Array(Float32Array.of(value).buffer));
  const files = (changes: Record<string, unknown> = {}) =>
    memorySource(
      new Map<string, unknown>(
        Object.entries({
          "model.safetensors.index.json": {
            weight_map: { a: "1.safetensors", b: "2.safetensors" },
            metadata: { total_size: 8 },
          },
          "1.safetensors": shard("a", 1),
          "2.safetensors": shard("b", 2),
          ...changes,
        }).filter(([, file]) => file !== null),
      ),
      "folder",
    );

  it("join the shards that the index lists", async () => {
    const tensors = await loadCheckpoint(files());
    expect([...tensors].map(([name, tensor]) => [name, ...widen(tensor)])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  it("report the bytes of all shards so far, up to their sum, and of the one that is read", async () => {
    const [first, second] = [shard("a", 1), shard("b", 2)].map(({ length }) => length);
    const seen: Progress[] = [];
    await loadCheckpoint(files(), { onProgress: (progress) => seen.push(progress) });
    const whole = { totalBytes: first + second };
    // Both headers are read before.
    expect(seen).toEqual([
      { ...whole, loadedBytes: first, file: { name: "1.safetensors", loadedBytes: first, totalBytes: first } },
      {
        ...whole,
        loadedBytes: first + second,
        file: { name: "2.safetensors", loadedBytes: second, totalBytes: second },
      },
    ]);
  });

  it("report a large tensor in parts of a MiB, and close every file, come what may", async () => {
    const numBytes = 2.5 * 2 ** 20;
    const large = pack({ a: entry(0, numBytes) }, new Uint8Array(numBytes));
    const loaded: number[] = [];
    let numOpen = 0;
    const source = files({ "1.safetensors": large });
    const counted: ModelSource = {
      ...source,
      file: async (name, signal) => {
        const file = await source.file(name, signal);
        numOpen++;
        return { ...file, close: async () => void numOpen-- };
      },
    };
    await loadCheckpoint(counted, { onProgress: ({ file }) => file && loaded.push(file.loadedBytes) });
    const start = large.length - numBytes;
    expect(loaded.slice(0, 3)).toEqual([start + 2 ** 20, start + 2 ** 21, large.length]);
    expect(numOpen).toBe(0);
    await refusal(() => loadCheckpoint({ ...counted, ...files({ "1.safetensors": large.slice(0, -1) }) }));
    const stop = new AbortController();
    const stopped = loadCheckpoint(counted, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
    expect(numOpen).toBe(0);
  });

  it("prefer a single file", async () => {
    expect([...(await loadCheckpoint(files({ "model.safetensors": shard("c", 3) }))).keys()]).toEqual(["c"]);
  });

  it("may hold what the index doesn't list; of a tensor that is twice there, the one where the index places it counts", async () => {
    const data = new Uint8Array(Float32Array.of(1, 9, 3).buffer);
    const more = pack({ a: entry(0, 4), b: entry(4, 8), c: entry(8, 12) }, data);
    const tensors = await loadCheckpoint(files({ "1.safetensors": more }));
    expect([...tensors].map(([name, tensor]) => [name, ...widen(tensor)]).sort()).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
  });

  it("may list a counter or a mask beside the weights, as old checkpoints have: it is left out", async () => {
    const data = new Uint8Array(Float32Array.of(1, 0).buffer);
    const first = pack(
      { a: entry(0, 4), "a.masked": entry(4, 5, [1], "BOOL"), "a.steps": entry(5, 8, [3], "U8") },
      data,
    );
    const weight_map = {
      a: "1.safetensors",
      "a.masked": "1.safetensors",
      "a.steps": "1.safetensors",
      b: "2.safetensors",
    };
    const tensors = await loadCheckpoint(
      files({ "model.safetensors.index.json": { weight_map }, "1.safetensors": first }),
    );
    expect([...tensors].map(([name, tensor]) => [name, ...widen(tensor)])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  it("load where the server refuses the single file that isn't there", async () => {
    const refused = (code: string): ModelSource => ({
      ...files(),
      file: async (name, ...rest) => {
        if (name === "model.safetensors") throw new ModelLoadError("answered with status 403", code);
        return files().file(name, ...rest);
      },
    });
    expect([...(await loadCheckpoint(refused("refused"))).keys()]).toEqual(["a", "b"]);
    expect((await refusal(() => loadCheckpoint(refused("server_error")))).code).toBe("server_error");
  });

  const index = "model.safetensors.index.json";
  it.each<[string, Record<string, unknown>, RegExp]>([
    ["nothing at all", { [index]: null }, /^model\.safetensors is missing in folder/],
    ["a missing shard", { "2.safetensors": null }, /^2\.safetensors is missing in folder/],
    ["a shard without its tensor", { "2.safetensors": pack({}) }, /Tensor b is missing in 2\.safetensors/],
    [
      "a tensor in the wrong shard",
      { "1.safetensors": shard("b", 1) },
      /Tensor a is missing in 1\.safetensors, where .* places it/,
    ],
    ["an index without a map", { [index]: {} }, /has no weight_map/],
    ["an index that isn't JSON", { [index]: "<!doctype html>" }, /isn't valid JSON .* starts with "<!doctype html>"/],
    ["a shard outside the folder", { [index]: { weight_map: { a: "../1.safetensors" } } }, /places tensor a in "..\/1/],
    [
      "a truncated shard",
      { "2.safetensors": shard("b", 2).slice(0, -1) },
      /^2\.safetensors in folder is damaged: tensor b/,
    ],
  ])("refuse %s by name", async (_what, changes, message) => {
    expect((await refusal(() => loadCheckpoint(files(changes)))).message).toMatch(message);
  });
});
