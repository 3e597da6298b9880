import { describe, expect, it } from "vitest";
import { adapterFacts, coreLanes } from "./device.js";

const adapter = (info: Partial<GPUAdapterInfo>, features: GPUFeatureName[] = []) =>
  ({
    info: { vendor: "", architecture: "", device: "", description: "", isFallbackAdapter: false, ...info },
    features: new Set(features),
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

describe("lanes of a software adapter's core", () => {
  it.each<[string, number, GPUFeatureName[], number]>([
    ["llvmpipe's with AVX2", 8, ["subgroups"], 8],
    ["llvmpipe's with AVX-512", 16, ["subgroups"], 8],
    ["llvmpipe's with SSE", 4, ["subgroups"], 4],
    ["SwiftShader's", 4, ["subgroups"], 4],
    // What an adapter without the feature says of subgroups means nothing.
    ["one's without subgroups", 8, [], 4],
  ])("are as many as its subgroups have: %s", (_name, subgroupMinSize, features, lanes) => {
    expect(coreLanes(adapterFacts(adapter({ architecture: "software", subgroupMinSize }, features)))).toBe(lanes);
  });
});
