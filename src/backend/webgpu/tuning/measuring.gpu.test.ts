import { ARGMAX } from "../../../seam/questions/sample.js";
import { beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { fileBed } from "../../../testing/file-device.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";
import type { WebGpuModel } from "../session/webgpu-model.js";
import { measureLimits } from "./device-limits.js";
import { measurementsOf } from "./measurements.js";
import { measureModelCosts } from "../../timing/model-costs.js";
import { timedGpu } from "./timed-gpu.js";

const bed = await fileBed();
let model: WebGpuModel;
beforeAll(async () => {
  const source = fileSource("tests/fixtures/models/qwen3");
  model = await loadTransformer(bed.gpu, source, await loadArchitecture(source));
  bed.gpu.kernels.mayStandIn = true;
});

describe("limits of a device", () => {
  it("are positive rates and costs, and leave no memory behind", async () => {
    const { arena } = bed.gpu;
    const before = [arena.byteLength, arena.bufferCount];
    const limits = await measureLimits(bed.gpu);
    expect(limits.copyBytesPerSecond).toBeGreaterThan(0);
    expect(limits.multiplyAddsPerSecond).toBeGreaterThan(0);
    expect(limits.dispatchMs).toBeGreaterThan(0);
    expect(limits.submitMs).toBeGreaterThanOrEqual(0);
    expect(limits.readbackMs).toBeGreaterThan(0);
    expect([arena.byteLength, arena.bufferCount]).toEqual(before);
  });

  it("are what one dispatch, one submit and one readback take by the clock that is given", async () => {
    const { queue } = bed.gpu;
    // A dispatch takes a quarter of a millisecond, and nothing else any time; then a submit takes three.
    const byDispatches = await measureLimits(bed.gpu, { clock: () => queue.dispatchCount / 4 });
    expect(byDispatches).toMatchObject({ dispatchMs: 0.25, submitMs: 0, readbackMs: 0.25 });
    // Copies of whole megabytes, read and written; products by the million.
    expect((byDispatches.copyBytesPerSecond * 0.25) / 1000 / 2 ** 21).toSatisfy(Number.isInteger);
    expect((byDispatches.multiplyAddsPerSecond * 0.25) / 1000).toBeGreaterThan(1e6);
    const bySubmits = await measureLimits(bed.gpu, { clock: () => queue.submitCount * 3 + queue.dispatchCount / 4 });
    expect(bySubmits).toMatchObject({ submitMs: 3, readbackMs: 3.25 });
  });

  it("can be left between samples", async () => {
    const abort = new AbortController();
    let numBreaths = 0;
    const measured = measureLimits(bed.gpu, {
      signal: abort.signal,
      async breathe() {
        if (++numBreaths === 3) abort.abort();
      },
    });
    await expect(measured).rejects.toThrow(/abort/i);
    expect(numBreaths).toBe(3);
  });
});

describe("what was measured", () => {
  it("stays, so that runs that choose by it repeat, until it is asked for again", async () => {
    const measured = measurementsOf(bed.gpu);
    expect(measurementsOf(bed.gpu)).toBe(measured);
    const costs = await measured.costs(model, { budgetMs: 100 });
    const limits = await measured.limits();
    expect(await measured.costs(model)).toBe(costs);
    expect(await measured.limits()).toBe(limits);
    expect(await measured.costs(model, { budgetMs: 100, again: true })).not.toBe(costs);
    const { forwardCosts, draftCost } = await measured.draftCosts(model, model, { draft: true });
    expect(forwardCosts[1]).toBe(1);
    expect(draftCost).toBe(1);
    expect((await measured.draftCosts(model, null, {})).draftCost).toBeNull();
    const again = await measured.costs(model);
    const block = await measured.draftCosts(model, model, { draft: true, draftBlock: again.rows[1] });
    expect(block.draftCost).toBe(Number(again.ratio[1].toPrecision(3)));
    const layers = await measured.draftCosts(model, null, { exitLayer: 1 });
    expect(layers.draftCost).toBeGreaterThan(0);
    // The whole model's costs are not those of some of its layers.
    expect(await measured.costs(model)).toBe(again);
    expect(await measured.draftCosts(model, null, { exitLayer: 1 })).toEqual(layers);
  });
});

describe("times of a model's kernels", () => {
  it("are of every dispatch of one forward, stay until asked for again, and leave no memory behind", async () => {
    const { gpu } = bed;
    const measured = measurementsOf(gpu);
    const session = model.session();
    session.forward({ tokens: [5], attend: "causal", rows: "last", keep: 1 });
    const dispatches = gpu.queue.dispatchCount;
    await session
      .forward({ tokens: [9], attend: "causal", rows: "all", keep: 0 })
      .ask(ARGMAX)
      .read();
    const numDispatches = gpu.queue.dispatchCount - dispatches;
    session.dispose();
    const before = [gpu.arena.byteLength, gpu.arena.bufferCount];
    const kernels = await measured.kernels(model);
    expect([gpu.arena.byteLength, gpu.arena.bufferCount]).toEqual(before);
    expect(await measured.kernels(model)).toBe(kernels);
    if (!gpu.facts.hasTimestamps) return expect(kernels).toBeNull();
    expect(kernels?.reduce((sum, kernel) => sum + kernel.dispatches, 0)).toBe(numDispatches);
    expect(kernels?.every(({ gpuMs }, i, all) => gpuMs >= 0 && (i === 0 || gpuMs <= all[i - 1].gpuMs))).toBe(true);
    expect(await measured.kernels(model, true)).not.toBe(kernels);
  });
});

describe("costs of a model's forwards", () => {
  it("compile nothing while they are timed, stand no tile in, and leave the model's other sessions alone", async () => {
    const { gpu } = bed;
    const session = model.session();
    const prompt = { tokens: [5, 9, 2], attend: "causal", rows: "last", keep: 3 } as const;
    const [first] = await session.forward(prompt).ask(ARGMAX).read();
    const stalls = gpu.kernels.stallCount;
    const curve = await measureModelCosts(timedGpu(gpu), model, { budgetMs: 200 });
    expect(gpu.kernels.stallCount).toBe(stalls);
    expect(curve.rows[0]).toBe(1);
    expect(curve.ratio[0]).toBe(1);
    expect(curve.forwardMs).toBeGreaterThan(0);
    expect(curve.numMeasured).toBeGreaterThanOrEqual(2);
    expect(JSON.parse(JSON.stringify(curve))).toEqual(curve);
    session.truncate(0);
    const [second] = await session.forward(prompt).ask(ARGMAX).read();
    expect(second.token).toBe(first.token);
    expect(second.logprob).toBe(first.logprob);
    session.dispose();
  });
});
