import { describe, expect, it } from "vitest";
import type { DecoderInfo } from "../worker/client.js";
import { fromParameters, type Settings, toParameters } from "./address.js";

const option = (more: object) => ({ label: "", doc: "", default: null, ...more });
const infos = [
  {
    name: "autoregressive",
    options: {
      top_k: option({ type: "integer" }),
      logit_bias: option({ type: "map" }),
      stop: option({ type: "strings" }),
    },
  },
  { name: "block-diffusion", options: { infill: option({ type: "boolean" }), threshold: option({ type: "number" }) } },
  {
    name: "speculative",
    options: { drafter: option({ type: "enum", values: ["model", "suffix"] }), corpus: option({ type: "ids" }) },
  },
] as unknown as DecoderInfo[];

describe("the page's address", () => {
  it("gives back every setting that it was given, whatever characters it has", () => {
    const settings: Settings = {
      prompt: "A & B = “c”?\n<mask:6> 🦊 שלום #+%",
      max_new_tokens: 12,
      temperature: 0.7,
      seed: 4294967295,
      models: "stories260k",
      device: "onnx-webgpu",
      panes: ["speculative", "block-diffusion", "autoregressive"],
      chosen: {
        common: { top_k: 5, logit_bias: { 7: -1.5 } },
        "block-diffusion": { threshold: 0.25 },
        speculative: { drafter: "suffix", corpus: "one=two&three" },
      },
    };
    const address = new URL(`https://page.example/?${toParameters(settings)}`);
    expect(fromParameters(address.searchParams, infos)).toEqual({ settings, refused: [] });
    expect(`${toParameters({ chosen: {} })}`).toBe("");
  });

  it("holds that a pane has none of what all have, of maps and of texts", () => {
    const chosen = { common: { stop: "a", logit_bias: { 7: -1.5 } }, 1: { stop: [], logit_bias: {} } };
    const parameters = toParameters({ chosen });
    expect([...parameters]).toContainEqual(["1.stop", ""]);
    expect([...parameters]).toContainEqual(["1.logit_bias", "{}"]);
    expect(fromParameters(parameters, infos, ["autoregressive"])).toEqual({ settings: { chosen }, refused: [] });
  });

  it("holds what one pane alone has by its place, read by the decoder that stands there", () => {
    const panes = ["speculative", "autoregressive", "speculative"];
    const chosen = { common: { top_k: 5 }, 1: { drafter: "model" }, 2: { top_k: 0 }, 3: { drafter: "suffix" } };
    const parameters = toParameters({ panes, chosen });
    expect(`${parameters}`).toContain("3.drafter=suffix");
    expect(fromParameters(parameters, infos, ["autoregressive", "block-diffusion", "speculative"])).toEqual({
      settings: { panes, chosen },
      refused: [],
    });
    // In any order, and beside panes that are as they begin.
    const first = ["autoregressive", "block-diffusion", "speculative"];
    const odd = "0x1.drafter=model&%201.drafter=model&01.drafter=model&1e0.drafter=model";
    const other = new URLSearchParams(`1.drafter=suffix&2.drafter=model&4.top_k=1&0.top_k=1&${odd}&panes=speculative`);
    expect(fromParameters(other, infos, first)).toEqual({
      settings: { panes: ["speculative"], chosen: { 1: { drafter: "suffix" } } },
      refused: [
        "2.drafter=model",
        "4.top_k=1",
        "0.top_k=1",
        ...["0x1", " 1", "01", "1e0"].map((place) => `${place}.drafter=model`),
      ].map((one) => `${one}: there is no such setting`),
    });
  });

  it("holds one to six panes, whatever a page begins with, and says how many there may be", () => {
    const first = ["autoregressive", "block-diffusion", "speculative"];
    const six = ["speculative", ...first, "speculative", "speculative"];
    for (const panes of [["speculative"], six]) {
      const chosen = { [panes.length]: { drafter: "suffix" } };
      expect(fromParameters(toParameters({ panes, chosen }), infos, first)).toEqual({
        settings: { panes, chosen },
        refused: [],
      });
    }
    const seven = new URLSearchParams({
      panes: [...six, "speculative"].join(),
      "7.drafter": "suffix",
      "3.drafter": "model",
    });
    expect(fromParameters(seven, infos, first)).toEqual({
      settings: { chosen: { 3: { drafter: "model" } } },
      refused: [
        `panes=${[...six, "speculative"].join()}: there is room for 6 panes`,
        "7.drafter=suffix: there is no such setting",
      ],
    });
  });

  it("is read as addresses once were written: the filling pane's decoder as the method, options by decoder", () => {
    const old = new URLSearchParams("method=block-diffusion&block-diffusion.threshold=0.5&method=speculative");
    const { settings, refused } = fromParameters(old, infos, ["autoregressive", "block-diffusion", "speculative"]);
    expect(settings.panes).toEqual(["autoregressive", "block-diffusion", "speculative"]);
    expect(settings.chosen).toEqual({ "block-diffusion": { threshold: 0.5 } });
    expect(refused).toEqual(["method=speculative: there are block-diffusion"]);
  });

  it("leaves out by name what it doesn't know, and keeps a number's text for the decoder to refuse", () => {
    const written =
      "seed=abc&temperature=0x1&max_new_tokens=1_0&temprature=1&models=gpt5&device=gpu&panes=autoregressive,sideways&speculative.drafter=magic&speculative.x=1&common.logit_bias=5&speculative=1&__proto__.x=1&common.logit_bias=%7B";
    const { settings, refused } = fromParameters(new URLSearchParams(written), infos);
    expect(settings).toEqual({
      seed: "abc",
      temperature: "0x1",
      max_new_tokens: "1_0",
      chosen: { common: { logit_bias: 5 } },
    });
    expect(refused).toEqual([
      "temprature=1: there is no such setting",
      "models=gpt5: there are story, stories260k",
      "device=gpu: there are auto, webgpu, wasm, webnn, onnx-webgpu",
      "panes=autoregressive,sideways: there are autoregressive, block-diffusion, speculative",
      "speculative.drafter=magic: there are model, suffix",
      "speculative.x=1: there is no such setting",
      "speculative=1: there is no such setting",
      "__proto__.x=1: there is no such setting",
      'common.logit_bias={: give JSON, as {"5": -2}',
    ]);
  });
});
