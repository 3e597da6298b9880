import { describe, expect, it } from "vitest";
import type { Capabilities } from "../seam/capabilities.js";
import { hashedModels } from "../testing/rehearsal.js";
import { castOf, closestOf, type Preferences } from "./casting.js";
import { findDecoder } from "./index.js";
import { refusalOf } from "./offers.js";

const causal = hashedModels("causal").target.capabilities;
const draft = hashedModels("causal").draft.capabilities;
const blocks = hashedModels("blocks").target.capabilities;
const whole = hashedModels("full").target.capabilities;

/** As a page has them. */
const PREFER: Preferences = { model: ["target", "diffusion"], drafter: ["draft", "diffusion"], judge: ["target"] };

function cast(name: string, models: Record<string, Capabilities | null>, options: Record<string, unknown> = {}) {
  return castOf(findDecoder(name), new Map(Object.entries(models)), PREFER, options);
}

const SET = { target: causal, draft, diffusion: blocks };

describe("a run's models are cast by what its decoder needs, whatever they are called", () => {
  it.each([
    ["autoregressive", {}, { model: "target" }, "exact"],
    ["block-diffusion", {}, { model: "diffusion" }, "approximate"],
    ["block-diffusion", { commit_rule: "left_to_right" }, { model: "diffusion" }, "exact"],
    [
      "block-diffusion",
      { energy_candidates: 4, temperature: 1 },
      { model: "diffusion", judge: "target" },
      "approximate",
    ],
    ["speculative", {}, { model: "target", drafter: "draft" }, "identical"],
    ["speculative", { verifier: "rejection", temperature: 1 }, { model: "target", drafter: "draft" }, "distribution"],
    ["speculative", { drafter: "suffix" }, { model: "target" }, "identical"],
    ["speculative", { drafter: "block-diffusion" }, { model: "target", drafter: "diffusion" }, "identical"],
    ["speculative", { num_assistant_tokens_schedule: "adaptive" }, { model: "target", drafter: "draft" }, "identical"],
  ])("%s with %j", (name, options, roles, fidelity) => {
    expect(cast(name, SET, options)).toEqual({ roles, fidelity });
  });

  it("nobody is cast where none at hand can, and the closest one's lack is told", () => {
    expect(cast("masked-diffusion", SET)).toBeNull();
    expect(cast("masked-diffusion", { ...SET, diffusion: whole })?.roles).toEqual({ model: "diffusion" });
    expect(cast("speculative", { target: causal })).toBeNull();
    expect(cast("speculative", { target: causal }, { drafter: "suffix" })?.roles).toEqual({ model: "target" });
    const atHand = new Map(Object.entries(SET));
    const decoder = findDecoder("masked-diffusion");
    expect(closestOf(decoder, atHand, PREFER, {})).toBe(blocks);
    expect(refusalOf(decoder, { target: blocks }, {})).toMatchObject({ code: "unsupported_model" });
  });

  it("a model that isn't known yet may fit, after those that do", () => {
    expect(cast("autoregressive", { target: null, diffusion: blocks })?.roles).toEqual({ model: "target" });
    expect(cast("block-diffusion", { target: null, diffusion: blocks })?.roles).toEqual({ model: "diffusion" });
    expect(cast("block-diffusion", { target: causal, diffusion: null })?.roles).toEqual({ model: "diffusion" });
    expect(cast("speculative", { target: causal, draft: null })?.roles).toEqual({ model: "target", drafter: "draft" });
    expect(cast("speculative", { target: null, draft })?.roles).toEqual({ model: "target", drafter: "draft" });
  });

  it("options that are wrong with every model don't change who is cast", () => {
    expect(cast("block-diffusion", SET, { temperature: "warm" })?.roles).toEqual({ model: "diffusion" });
    expect(cast("autoregressive", SET, { temperature: -1 })?.roles).toEqual({ model: "target" });
  });
});
