import { beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";
import type { Architecture } from "../../../architecture/architecture.js";
import { fileBed } from "../../../testing/file-device.js";
import { TestBed } from "../../../testing/test-bed.js";
import { familiesFor, MATMUL_FAMILIES, type MatmulFamilyName } from "../ops/variants.js";
import { isAccurate } from "./accuracy.js";
import { tuneMatmul } from "./tune-matmul.js";
import { Tuning } from "./tuning.js";

const ALL = Object.keys(MATMUL_FAMILIES) as MatmulFamilyName[];

const bed = await fileBed();
let architecture: Architecture;
beforeAll(async () => {
  architecture = await loadArchitecture(fileSource("tests/fixtures/models/qwen3"));
});

describe("tuning the matmul kernels", () => {
  it("is no search on a software adapter, where one table is known to be right", async () => {
    const { gpu } = await TestBed.open();
    // Whatever these tests run on.
    gpu.facts.isSoftware = true;
    const pipelines = gpu.kernels.pipelineCount;
    expect(await tuneMatmul(gpu, architecture)).toEqual({ family: familiesFor(gpu.facts)[0], ms: {}, refused: [] });
    expect(gpu.kernels.pipelineCount).toBe(pipelines);
    gpu.dispose();
  });

  it("times real forwards by each family, takes the fastest, and leaves no memory behind", async () => {
    const { arena } = bed.gpu;
    // What the queue stages reads and writes in stays: it is there after a first round.
    await tuneMatmul(bed.gpu, architecture, { candidates: ["cpu-like", "gpu-like"], budgetMs: 1 });
    const before = arena.bufferCount;
    // Those that share a sum's terms take seconds a forward here.
    const candidates = ["gpu-like", "cpu-like"] as const;
    const { family, ms, refused } = await tuneMatmul(bed.gpu, architecture, { candidates, budgetMs: 1e6 });
    expect(refused).toEqual([]);
    const [gpuMs, cpuMs] = candidates.map((name) => ms[name] as number);
    expect(gpuMs).toBeGreaterThan(0);
    expect(cpuMs).toBeGreaterThan(0);
    expect(family).toBe(cpuMs <= 0.95 * gpuMs ? "cpu-like" : "gpu-like");
    expect(arena.bufferCount).toBe(before);
  });

  it("refuses a family whose products are wrong, by name, even the adapter's own", async () => {
    const admit = async (family: MatmulFamilyName) => family === "cpu-like";
    const tuned = await tuneMatmul(bed.gpu, architecture, {
      candidates: ["gpu-like", "cpu-like"],
      budgetMs: 50,
      admit,
    });
    expect(tuned.family).toBe("cpu-like");
    expect(tuned.refused).toEqual(["gpu-like"]);
  });

  it("can be stopped between samples", async () => {
    const abort = new AbortController();
    let numBreaths = 0;
    const tuned = tuneMatmul(bed.gpu, architecture, {
      candidates: ["cpu-like", "gpu-like"],
      signal: abort.signal,
      async breathe() {
        if (++numBreaths === 4) abort.abort();
      },
    });
    await expect(tuned).rejects.toThrow(/abort/i);
    expect(numBreaths).toBe(4);
  });
});

describe("a choice", () => {
  it("is measured once, and goes as JSON to where a model is loaded with it", async () => {
    const here = await Tuning.open(bed.gpu);
    const options = { tune: true, candidates: ["gpu-like", "cpu-like"], budgetMs: 50 } as const;
    const family = await here.family(architecture, options);
    const { pipelineCount } = bed.gpu.kernels;
    expect(await here.family(architecture, options)).toBe(family);
    expect(bed.gpu.kernels.pipelineCount).toBe(pipelineCount);

    // Whatever was faster here: the other one is what a default wouldn't take.
    const record = structuredClone(here.record);
    expect(record.choices).toHaveLength(1);
    record.choices[0].family = "gpu-like";
    const there = await Tuning.open(bed.gpu);
    await there.import(JSON.parse(JSON.stringify(record)));
    const model = await loadTransformer(bed.gpu, fileSource("tests/fixtures/models/qwen3"), architecture, {
      chooseFamily: (shape) => there.family(shape),
    });
    expect(model.transformer.variants.family).toBe("gpu-like");
    model.dispose();
  });
});

describe("the gate", () => {
  it.each([
    ["F32", null],
    ["F16", null],
    ["BF16", null],
    ["F32", "q8"],
    ["F32", "q4-int8"],
  ] as const)("lets right products of %s weights, rounded to %s, pass", async (dtype, rounding) => {
    for (const family of ALL)
      expect(await isAccurate(bed.gpu, family, { ...architecture, dtype }, rounding)).toBe(true);
  });

  it("stops wrong ones", async () => {
    const { queue } = bed.gpu;
    const read = queue.read.bind(queue);
    // A device that loses one sum of many.
    queue.read = async (...range) => {
      const bytes = await read(...range);
      new Float32Array(bytes)[17] += 0.01;
      return bytes;
    };
    try {
      expect(await isAccurate(bed.gpu, "cpu-like", architecture, null)).toBe(false);
    } finally {
      queue.read = read;
    }
  });
});
