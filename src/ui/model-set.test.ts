import { expect, it } from "vitest";
import { castModels } from "./model-set.js";

const REFUSAL = {
  name: "InvalidOptionError",
  code: "unsupported_model",
  message: "The decoder contrastive needs hidden states.",
};
const refused = { roles: null, refusal: REFUSAL };
const target = { url: "a/" };

it("where no model at hand can, the one that the decoder writes with is named, or what that lacks", () => {
  const without =
    (...wanted: Parameters<typeof castModels>[2]) =>
    () =>
      castModels(refused, { target }, wanted);
  expect(without("target")).toThrow(REFUSAL.message);
  expect(without("diffusion")).toThrow("This set has no diffusion model.");
  expect(without("target", "draft")).toThrow("This set has no draft model.");
  expect(() => castModels(refused, { diffusion: target }, ["target"])).toThrow("This set has no target model.");
  expect(() => castModels(refused, {}, ["diffusion"])).toThrow("No models are set.");
  expect(castModels({ roles: { model: "target" }, refusal: null }, { target }, ["diffusion"])).toEqual([target]);
});
