import { expect, it } from "vitest";
import { presetNamed } from "../../vocabulary/presets.js";
import { setsOf } from "./preset-list.js";

it("a preset with two diffusion models is two sets, each with what is fetched for it; any other is one", () => {
  const sets = setsOf(presetNamed("qwen3-0.6b"));
  expect(sets.map(({ models }) => models.map(({ model }) => model))).toEqual([
    ["Qwen/Qwen3-0.6B", "dllm-hub/Qwen3-0.6B-diffusion-bd3lm-v0.1"],
    ["Qwen/Qwen3-0.6B", "dllm-hub/Qwen3-0.6B-diffusion-mdlm-v0.1"],
  ]);
  const stories = presetNamed("stories");
  expect(setsOf(stories)).toEqual([stories]);
});
