import { describe, expect, it } from "vitest";
import { loadCheckpoint } from "../../src/format/checkpoint.js";
import { memorySource } from "../../src/format/source.js";
import { loadWeights } from "../../src/architecture/tensors.js";
import { parseConfig } from "../../src/architecture/config.js";
import { bestProbe, sumOfBest } from "../kernels.js";
import { costInForwards } from "./forwards.js";
import { plot, tickStep } from "./plot.js";
import { normals } from "./products.js";
import { randomCheckpoint } from "./random-checkpoint.js";
import { enough, findRepetitions } from "./timing.js";

describe("kernel figures", () => {
  it("repeat a kernel until a sample is long enough to trust", () => {
    expect(enough(2, 0.1)).toBe(100);
    expect(enough(2, 20)).toBe(1);
    expect(enough(2, 0)).toBeLessThanOrEqual(4096);
  });

  it("are not fooled by a trial that was held up", async () => {
    // A tenth of a millisecond each, and the first trial waits for 40.
    let calls = 0;
    const time = async (repetitions: number) => repetitions * 0.1 + (calls++ === 0 ? 40 : 0);
    expect(await findRepetitions(time)).toBe(50);
  });

  const times = {
    product: "qkv",
    n: 1,
    k: 1,
    count: 3,
    rows: 8,
    subjects: [
      { name: "chosen", us: [10, 20, 40] },
      { name: "slow", us: [30, 30, 30] },
      { name: "fast", us: [5, 16, 18] },
    ],
  };

  it("name the fastest probe and the chosen kernel's share of its speed, round by round", () => {
    expect(bestProbe(times)).toEqual({ name: "fast", us: 16, share: { median: 0.5, min: 0.45, max: 0.8 } });
  });

  it("sum the best kernels as often as a forward has the matrix, for those rows only", () => {
    expect(sumOfBest([times, { ...times, rows: 4 }], 8)).toBe(48);
  });

  it("give a forward's cost by the forward of one row of the same round", () => {
    const forwards = [
      { rows: 1, last: [1, 1], all: [2, 4] },
      { rows: 8, last: [3, 5], all: [6, 6] },
    ];
    expect(costInForwards(forwards, "all").get(8)).toEqual([3, 1.5]);
    expect(() => costInForwards(forwards.slice(1), "all")).toThrow("one row");
  });
});

describe("a plot", () => {
  it("has 4 to 10 round parts an axis", () => {
    for (const span of [1, 3.7, 22, 64, 999]) {
      const step = tickStep(span);
      expect(span / step).toBeGreaterThanOrEqual(4);
      expect(span / step).toBeLessThanOrEqual(10);
      expect([1, 2, 5]).toContain(Number(step.toExponential()[0]));
    }
  });

  it("draws every point inside its edges and escapes its words", () => {
    const points = [[0, 0] as const, [64, 20] as const];
    const svg = plot({ title: "a < b", x: "x", y: "y" }, [{ name: "n & m", points, isLine: false }]);
    expect(svg).toContain("a &#60; b");
    expect(svg).toContain("n &#38; m");
    const marks = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(marks).toHaveLength(2);
    expect(marks[0]).toEqual([60, 370]);
    expect(marks[1][0]).toBe(700);
    expect(marks[1][1]).toBeGreaterThan(40);
  });
});

describe("random weights", () => {
  it("are normally distributed with the deviation that was asked for", () => {
    const values = normals(7, 20_000, 0.5);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(Math.sqrt(square) - 0.5)).toBeLessThan(0.02);
    const within = values.filter((value) => Math.abs(value) < 0.5).length / values.length;
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.02);
  });

  it("make a checkpoint that loads, with gains of 1 and both signs", async () => {
    const architecture = parseConfig({
      model_type: "llama",
      vocab_size: 32,
      hidden_size: 8,
      intermediate_size: 12,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      head_dim: 4,
      hidden_act: "silu",
      rms_norm_eps: 1e-5,
      max_position_embeddings: 64,
      tie_word_embeddings: true,
    });
    const folder = memorySource(new Map([["model.safetensors", await randomCheckpoint(architecture)]]));
    const weights = loadWeights(architecture, await loadCheckpoint(folder));
    const words = (name: string) => {
      const { bytes } = weights.get(name) as { bytes: Uint8Array<ArrayBuffer> };
      return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
    };
    expect([...words("model.norm.weight")]).toEqual(Array(8).fill(0x3c00));
    const embedding = words("model.embed_tokens.weight");
    const negative = embedding.filter((word) => word & 0x8000).length / embedding.length;
    expect(negative).toBeGreaterThan(0.3);
    expect(negative).toBeLessThan(0.7);
    expect(new Set(embedding).size).toBeGreaterThan(150);
  });
});
