import { describe, expect, it } from "vitest";
import { UnsupportedDeviceError } from "../../vocabulary/errors.js";
import { onWebGpu, onWebNn } from "./open-device.js";

describe("WebNN", () => {
  it("computes in the context that the browser gives", async () => {
    const context = {};
    const { name, execution } = await onWebNn({ ml: { createContext: async () => context } });
    expect(name).toBe("webnn");
    expect(execution).toEqual({ name: "webnn", context });
  });

  it.each([
    ["without navigator.ml", {}, /"webnn" can't be had here: navigator\.ml is missing\. Take device "wasm"/],
    [
      // As Chromium 156 of Debian does it with --enable-features=WebMachineLearningNeuralNetwork.
      "where there is nothing behind navigator.ml",
      { ml: { createContext: () => Promise.reject(new Error("WebNN is not supported on this platform.")) } },
      /"webnn" can't be had here: WebNN's createContext failed \(WebNN is not supported on this platform\.\)/,
    ],
  ])("is refused by name %s", async (_, browser, message) => {
    const opening = onWebNn(browser);
    await expect(opening).rejects.toThrow(UnsupportedDeviceError);
    await expect(opening).rejects.toThrow(message);
  });
});

describe("ONNX Runtime's WebGPU", () => {
  const limits = { maxBufferSize: 4096, maxStorageBuffersPerShaderStage: 8 };
  const browser = (info: object, features: string[], asked: GPUDeviceDescriptor[] = [], lost = new Promise(() => {})) =>
    ({
      gpu: {
        requestAdapter: async () => ({
          info: { vendor: "", architecture: "", device: "", description: "", ...info },
          features: new Set(features),
          limits,
          requestDevice: async (descriptor: GPUDeviceDescriptor) => {
            asked.push(descriptor);
            return { lost };
          },
        }),
      },
    }) as unknown as { gpu: GPU };

  it("computes on a device with what of the adapter its kernels use, and tells when that is lost", async () => {
    const asked: GPUDeviceDescriptor[] = [];
    const lost = Promise.resolve({ message: "", reason: "destroyed" });
    const nvidia = { vendor: "nvidia", architecture: "ampere" };
    const provider = await onWebGpu(browser(nvidia, ["shader-f16", "timestamp-query"], asked, lost));
    expect(provider).toMatchObject({ name: "onnx-webgpu", words: "webgpu, nvidia ampere", isSoftware: false });
    expect(asked[0].requiredFeatures).toEqual(["shader-f16"]);
    expect(asked[0].requiredLimits).toMatchObject(limits);
    await expect(provider.lost).resolves.toBe("destroyed");
  });

  it("knows a CPU by its words", async () => {
    const provider = await onWebGpu(browser({ description: "SwiftShader Device (LLVM)" }, []));
    expect(provider).toMatchObject({ isSoftware: true, words: "webgpu, SwiftShader Device (LLVM)" });
  });

  it.each([
    ["without navigator.gpu", {}, /"onnx-webgpu" can't be had here: navigator\.gpu is missing/],
    [
      "without an adapter",
      { gpu: { requestAdapter: async () => null } as unknown as GPU },
      /"onnx-webgpu" can't be had here: WebGPU gives no adapter/,
    ],
  ])("is refused by name %s", async (_, none, message) => {
    const opening = onWebGpu(none);
    await expect(opening).rejects.toThrow(UnsupportedDeviceError);
    await expect(opening).rejects.toThrow(message);
  });
});
