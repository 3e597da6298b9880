import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { STEP_BYTES } from "./queue.js";
import { KernelCache } from "./kernel.js";

/** What a device was asked, of one that compiles in two parts: a pipeline when it is asked for, the rest at its first dispatch. */
function lazyDevice() {
  const log: string[] = [];
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const device = {
    createBindGroupLayout: ({ entries }: GPUBindGroupLayoutDescriptor) => ({ numBindings: [...entries].length }),
    createPipelineLayout: () => ({}),
    createShaderModule: () => ({}),
    createBuffer: ({ size }: GPUBufferDescriptor) => ({ size }),
    createBindGroup: ({ layout, entries }: GPUBindGroupDescriptor) => {
      const buffers = [...entries].map(({ resource }) => (resource as GPUBufferBinding).buffer);
      // WebGPU refuses a buffer that is read and written in one dispatch, and a group that lacks a binding.
      expect(new Set(buffers).size).toBe((layout as unknown as { numBindings: number }).numBindings);
      return { buffers };
    },
    createComputePipelineAsync: async () => {
      log.push("pipeline");
      return "pipeline";
    },
    createComputePipeline: () => "pipeline",
    createCommandEncoder: () => ({
      beginComputePass: () => ({
        setPipeline: (pipeline: string) => log.push(`set ${pipeline}`),
        setBindGroup: () => {},
        // A buffer that nothing was written to holds zeros.
        dispatchWorkgroupsIndirect: ({ size }: GPUBuffer) => log.push(`dispatch over ${new Uint32Array(size / 4)}`),
        end: () => {},
      }),
      finish: () => "commands",
    }),
    queue: {
      submit: ([commands]: unknown[]) => log.push(`submit ${commands}`),
      onSubmittedWorkDone: () => done,
    },
  };
  return { device: device as unknown as GPUDevice, log, finish };
}

beforeEach(() => {
  vi.stubGlobal("GPUShaderStage", { COMPUTE: 4 });
  vi.stubGlobal("GPUBufferUsage", { STORAGE: 128, UNIFORM: 64, INDIRECT: 256 });
});
afterEach(() => vi.unstubAllGlobals());

it("a kernel is warm once the driver has dispatched it, over no rows, and not before", async () => {
  const { device, log, finish } = lazyDevice();
  const kernel = new KernelCache(device, {} as GPUBuffer, STEP_BYTES, 64).get("probe_copy");
  const warming = kernel.warmUp();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(log).toEqual(["pipeline", "set pipeline", "dispatch over 0,0,0", "submit commands"]);
  expect(kernel.isReady).toBe(false);
  finish();
  await warming;
  expect(kernel.isReady).toBe(true);
  await kernel.warmUp();
  expect(log).toHaveLength(4);
});

it("a kernel that others stand in for compiles once that has cost enough, of which rehearsals are no part", () => {
  const { device, log } = lazyDevice();
  const kernels = new KernelCache(device, {} as GPUBuffer, STEP_BYTES, 64);
  kernels.mayStandIn = true;
  const cold = kernels.get("probe_copy");
  for (let i = 0; i < 20; i++) expect(kernels.shouldStandIn(cold, 60, true)).toBe(true);
  for (let i = 0; i < 6; i++) expect(kernels.shouldStandIn(cold, 60, false)).toBe(true);
  expect(log).toEqual([]);
  expect(kernels.shouldStandIn(cold, 60, false)).toBe(true);
  expect(log).toEqual(["pipeline"]);
});
