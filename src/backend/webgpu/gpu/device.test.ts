import { describe, expect, it } from "vitest";
import { adapterFacts } from "./device.js";

const adapter = (info: Partial<GPUAdapterInfo>) =>
  ({
    info: { vendor: "", architecture: "", device: "", description: "", isFallbackAdapter: false, ...info },
    features: new Set(),
  }) as unknown as GPUAdapter;

describe("an adapter that is a CPU", () => {
  it.each<[string, Partial<GPUAdapterInfo>]>([
    ["SwiftShader in Chromium", { vendor: "google", architecture: "swiftshader" }],
    ["SwiftShader in Node", { vendor: "google", architecture: "swiftshader", description: "SwiftShader driver 5.0.0" }],
    ["llvmpipe in Chromium", { vendor: "mesa", architecture: "software" }],
    [
      "llvmpipe in Node",
      { vendor: "mesa", architecture: "software", description: "llvmpipe: Mesa 25.0.7 (LLVM 19.1.7)" },
    ],
    ["llvmpipe in Firefox", { device: "llvmpipe (LLVM 19.1.7, 256 bits)" }],
    ["Windows' WARP", { vendor: "microsoft", architecture: "warp" }],
    ["Windows' WARP by name", { description: "Microsoft Basic Render Driver" }],
    ["one that says no more than that it is a fallback", { isFallbackAdapter: true }],
  ])("is known by its words: %s", (_name, info) => {
    expect(adapterFacts(adapter(info)).isSoftware).toBe(true);
  });

  it.each<[string, Partial<GPUAdapterInfo>]>([
    ["NVIDIA", { vendor: "nvidia", architecture: "ampere", description: "NVIDIA GeForce RTX 3060" }],
    ["AMD on Mesa", { vendor: "amd", architecture: "rdna-3", description: "radv: Mesa 25.0.7" }],
    ["Apple", { vendor: "apple", architecture: "metal-3" }],
    ["one without words", {}],
  ])("isn't every other: %s", (_name, info) => {
    expect(adapterFacts(adapter(info)).isSoftware).toBe(false);
  });
});
