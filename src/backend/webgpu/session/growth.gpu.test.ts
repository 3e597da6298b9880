import { sample } from "../../../seam/questions/sample.js";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { WebGpuModel } from "./webgpu-model.js";
import { fileDevice } from "../../../testing/file-device.js";

const CONTEXT = 4096;
const ATTENTION = /^attention|^rope_store$/;

const gpu = await fileDevice();
let model: WebGpuModel;
beforeAll(async () => {
  const source = fileSource("tests/fixtures/models/qwen3");
  // The tests' models are made for short texts; nothing in a forward depends on that.
  const architecture = { ...(await loadArchitecture(source)), maxLength: CONTEXT };
  model = await loadTransformer(gpu, source, architecture, { context: CONTEXT });
});
afterAll(() => {
  model.dispose();
});

/** A run of a kernel over so many invocations. */
interface Dispatch {
  kernel: string;
  numInvocations: number;
}

const FILTERED = { ...GREEDY, temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05 };

// Behind more than 1,023 a real GPU spreads the keys of a head over workgroups.
it.each([
  ["greedy", 1023, 63, GREEDY],
  ["greedy", CONTEXT - 1, 2047, GREEDY],
  ["filtered", CONTEXT - 1, 2047, FILTERED],
])(
  "a %s token behind %i others differs from one behind %i by its attention's grids alone",
  async (_name, most, least, sampler) => {
    const session = model.session();
    const made = () => [gpu.kernels.pipelineCount, gpu.kernels.bindGroupCount, gpu.arena.bufferCount];
    const grow = (length: number) => {
      const tokens = Array.from({ length: length - session.length }, (_, i) => (i * 7 + 1) % 32);
      // Counts need no values: nothing is computed here.
      const dispatch = vi.spyOn(gpu.queue, "dispatch").mockImplementation(() => {});
      session.forward({ tokens, attend: "causal", rows: [], keep: tokens.length });
      dispatch.mockRestore();
    };
    const token = async () => {
      const dispatch = vi.spyOn(gpu.queue, "dispatch");
      const pending = session.forward({ tokens: [3], attend: "causal", rows: "last", keep: 0 }).ask(sample(sampler));
      const dispatches = dispatch.mock.calls.map(
        ([kernel, , , numInvocations]): Dispatch => ({ kernel: kernel.name, numInvocations }),
      );
      dispatch.mockRestore();
      await pending.read();
      return dispatches;
    };
    grow(least);
    await token();
    const before = made();
    const short = await token();
    grow(most);
    const long = await token();
    expect(made()).toEqual(before);
    const names = (dispatches: Dispatch[]) => dispatches.map(({ kernel }) => kernel);
    const others = (dispatches: Dispatch[]) => dispatches.filter(({ kernel }) => !ATTENTION.test(kernel));
    const tiles = (dispatches: Dispatch[]) =>
      dispatches.filter(({ kernel }) => kernel === "attention_tile").map(({ numInvocations }) => numInvocations);
    expect(names(long)).toEqual(names(short));
    expect(others(long)).toEqual(others(short));
    // Attention's own work, where it isn't one workgroup's: an invocation for each tile of keys.
    expect(tiles(long)).toEqual(tiles(short).map((count) => (count * (most + 1)) / (least + 1)));
    session.dispose();
  },
);
