import { describe, expect, it } from "vitest";
import type { AdapterFacts, Gpu } from "../gpu/device.js";
import type { Architecture } from "../../../architecture/architecture.js";
import { Tuning, type TuningStore } from "./tuning.js";
import { shapeKey, type TuningRecord } from "./tuning-record.js";

const FACTS: AdapterFacts = {
  vendor: "acme",
  architecture: "road-1",
  description: "Runner",
  isSoftware: false,
  hasF16: false,
  hasSubgroups: false,
  subgroupMinSize: 0,
  hasTimestamps: false,
};
const SHAPE = {
  hiddenSize: 64,
  intermediateSize: 128,
  numHeads: 4,
  numKeyValueHeads: 2,
  headDim: 16,
  vocabSize: 100,
} as Architecture;

const gpuOf = (facts: Partial<AdapterFacts> = {}) => ({ facts: { ...FACTS, ...facts } }) as Gpu;

/** A record of one choice, made on such an adapter. */
async function recordOf(facts: Partial<AdapterFacts> = {}): Promise<TuningRecord> {
  const { record } = await Tuning.open(gpuOf(facts));
  const shape = shapeKey(SHAPE, null);
  return { ...record, choices: [{ shape, family: "gpu-split-8", ms: {}, refused: [], date: "2026-01-01" }] };
}

describe("a tuning record", () => {
  it("decides for models of its shape and storage, and for no others", async () => {
    const tuning = await Tuning.open(gpuOf());
    await tuning.import(await recordOf());
    expect(await tuning.family(SHAPE)).toBe("gpu-split-8");
    expect(await tuning.family(SHAPE, { rounding: "q4" })).toBe("gpu-like");
    expect(await tuning.family({ ...SHAPE, hiddenSize: 65 })).toBe("gpu-like");
    expect(await tuning.family({ ...SHAPE, layers: [] })).toBe("gpu-split-8");
  });

  it("is kept where the next page finds it, and only for this adapter", async () => {
    const kept = new Map<string, TuningRecord>();
    const store: TuningStore = {
      get: async (key) => kept.get(key),
      set: async (key, record) => void kept.set(key, record),
    };
    const first = await Tuning.open(gpuOf(), store);
    await first.import(await recordOf());
    expect(await (await Tuning.open(gpuOf(), store)).family(SHAPE)).toBe("gpu-split-8");
    expect(await (await Tuning.open(gpuOf({ architecture: "road-2" }), store)).family(SHAPE)).toBe("gpu-like");
  });

  it("serves the page it was measured on where nothing can be kept", async () => {
    const fail = async () => {
      throw new Error("no storage");
    };
    const tuning = await Tuning.open(gpuOf(), { get: fail, set: fail });
    await tuning.import(await recordOf());
    expect(await tuning.family(SHAPE)).toBe("gpu-split-8");
  });

  it("of something else is refused by what differs, and nothing of it is taken", async () => {
    const tuning = await Tuning.open(gpuOf());
    const good = await recordOf();
    const choice = good.choices[0];
    for (const [record, words] of [
      [null, /version 1/],
      ["{}", /version 1/],
      [{ ...good, version: 2 }, /version 1/],
      [{ ...good, choices: undefined }, /version 1/],
      [await recordOf({ vendor: "other" }), /vendor "other".*"acme"/],
      [await recordOf({ architecture: "road-2" }), /architecture "road-2".*"road-1"/],
      [await recordOf({ description: "Walker" }), /description "Walker".*"Runner"/],
      [{ ...good, adapter: undefined }, /vendor "undefined"/],
      [{ ...good, kernels: "0a" }, /other kernels/],
      [{ ...good, choices: [{ ...choice, family: "warp-drive" }] }, /"warp-drive".*gpu-split-8/],
      [{ ...good, choices: [choice, null] }, /"undefined"/],
      [{ ...good, choices: [{ ...choice, family: "toString" }] }, /"toString"/],
    ] as const) {
      await expect(tuning.import(record)).rejects.toThrow(words);
      await expect(tuning.import(record)).rejects.toMatchObject({ code: "invalid_option" });
    }
    expect(await tuning.family(SHAPE)).toBe("gpu-like");
  });
});
