import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askedAdapter, nodeGpu } from "./node-gpu.js";

const dawn = vi.hoisted(() => ({ architecture: "", asked: 0 }));

/** Dawn without a device: adapters by name, and buffers that take three turns of the event loop to map. */
vi.mock("webgpu", () => {
  class GPUBuffer {
    async mapAsync() {
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  class GPUDevice {
    async createComputePipelineAsync() {}
  }
  class GPUQueue {
    async onSubmittedWorkDone() {}
  }
  const info = () => ({ vendor: "mesa", architecture: dawn.architecture, description: "", device: "" });
  return {
    globals: { GPUBuffer, GPUDevice, GPUQueue },
    create: () => ({ requestAdapter: async () => ({ info: info(), features: new Set() }) }),
  };
});

beforeEach(() => {
  // The Vulkan loader is there, whatever this machine has.
  vi.spyOn(process, "dlopen").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe("waiting for the device in Node", () => {
  // In this order: what rests once does so for the whole process.
  it.each([
    ["rdna-3", false],
    ["software", true],
  ] as const)("of architecture %s rests between two looks: %s", async (architecture, rests) => {
    dawn.architecture = architecture;
    vi.stubGlobal("GPUBuffer", undefined);
    const rest = vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
    await nodeGpu("system");
    const { GPUBuffer: Buffer } = globalThis as unknown as { GPUBuffer: new () => GPUBuffer };
    await new Buffer().mapAsync(1);
    expect(rest.mock.calls.length > 0).toBe(rests);
  });
});

describe("TRIPTYCH_ADAPTER", () => {
  it("names the adapter, or is refused with the names that there are", () => {
    vi.stubEnv("TRIPTYCH_ADAPTER", "");
    expect(askedAdapter()).toBeNull();
    vi.stubEnv("TRIPTYCH_ADAPTER", "system");
    expect(askedAdapter()).toBe("system");
    vi.stubEnv("TRIPTYCH_ADAPTER", "toString");
    expect(askedAdapter).toThrow(/"toString".*any, system, swiftshader/);
  });
});
