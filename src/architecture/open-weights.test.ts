import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadCheckpoint } from "../format/checkpoint.js";
import { fileSource } from "../format/file-source.js";
import { memoryCheckpoint } from "../format/memory-checkpoint.js";
import { rowsOf, type Tensor } from "../format/tensor.js";
import { parseConfig } from "./config.js";
import { openWeights } from "./open-weights.js";
import { loadWeights, tensorNames } from "./tensors.js";

const FOLDERS = readdirSync("tests/fixtures/models").map((name) => `tests/fixtures/models/${name}`);

describe("a model's weights, opened", () => {
  it.each(FOLDERS)("are those of the whole file, by rows and whole, in the order of the file: %s", async (folder) => {
    const source = fileSource(folder);
    const architecture = parseConfig(await source.json("config.json"));
    const tensors = await loadCheckpoint(source);
    const { weights } = await openWeights(architecture, memoryCheckpoint(tensors));
    const whole = loadWeights(architecture, tensors);
    expect([...weights.tensors.keys()].sort()).toEqual([...whole.keys()].sort());
    const order = [...tensors.keys()];
    const specs = new Map(tensorNames(architecture).map((spec) => [spec.name, spec]));
    let last = 0;
    for (const name of weights.tensors.keys()) {
      const stored = specs.get(name)?.stored?.names ?? [name];
      const at = order.findIndex((one) => stored.includes(one));
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
      const expected = whole.get(name) as Tensor;
      const read = await weights.read(name);
      expect([read.name, read.shape, read.dtype]).toEqual([name, expected.shape, expected.dtype]);
      expect(Buffer.compare(read.bytes, expected.bytes)).toBe(0);
      const rows = { begin: 1, end: Math.min(3, expected.shape[0]) };
      const some = await weights.read(name, rows);
      expect(some.shape).toEqual([rows.end - 1, ...expected.shape.slice(1)]);
      expect(Buffer.compare(some.bytes, rowsOf({ ...expected, bytes: expected.bytes }, rows).bytes)).toBe(0);
    }
  });

  it("have an LM head of their own where one number of the file's differs from the embedding", async () => {
    const source = fileSource("tests/fixtures/models/llama-tied-rope3");
    const architecture = parseConfig(await source.json("config.json"));
    expect(architecture.tied).toBe(true);
    const tensors = await loadCheckpoint(source);
    const embedding = tensors.get("model.embed_tokens.weight") as Tensor;
    const isTied = async (head: Tensor, isFirst: boolean) => {
      const own: [string, Tensor] = ["lm_head.weight", { ...head, name: "lm_head.weight" }];
      const all = isFirst ? [own, ...tensors] : [...tensors, own];
      return (await openWeights(architecture, memoryCheckpoint(new Map(all)))).architecture.tied;
    };
    const other = { ...embedding, bytes: embedding.bytes.slice() };
    other.bytes[other.bytes.length - 3] ^= 1;
    for (const isFirst of [true, false]) {
      expect(await isTied(embedding, isFirst)).toBe(true);
      expect(await isTied(other, isFirst)).toBe(false);
    }
    const [numRows, width] = embedding.shape;
    await expect(isTied({ ...embedding, shape: [numRows * 2, width / 2] }, true)).rejects.toThrow(/lm_head.*expected/);
  });
});
