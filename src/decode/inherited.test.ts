import { describe, expect, it } from "vitest";
import { refusalOf } from "./offers.js";
import { autoregressive } from "./autoregressive/decoder.js";
import { decoders } from "./index.js";
import { inherit } from "./inherited.js";
import { isFixed, type Option } from "./options.js";
import { hashedModels } from "../testing/rehearsal.js";

const momentum = decoders.find(({ name }) => name === "momentum") ?? autoregressive;

describe("options that hold for several runs", () => {
  it("are left out where a decoder fixes another value or means something else, with its words, and nowhere else", () => {
    const page = { temperature: 0.7, repetition_penalty: 1.2, top_k: 40, seed: 3, max_new_tokens: 8 };
    const { taken, leftOut } = inherit(momentum, page, {});
    expect(taken).toEqual({ seed: 3, max_new_tokens: 8 });
    expect(leftOut).toEqual({
      temperature: expect.stringMatching(/^Always 0: .*nothing is drawn\.$/),
      repetition_penalty: expect.stringMatching(/^Always 1: /),
      top_k: expect.stringMatching(/^top_k is another option here, “Candidates”: /),
    });
    expect(inherit(autoregressive, page, {})).toEqual({ taken: page, leftOut: {} });
    expect(inherit(momentum, { temperature: 0, repetition_penalty: 1 }, {}).leftOut).toEqual({});
  });

  it("are left out of no run whose decoder fixes a value, whichever that is, in a way that it would be refused", () => {
    for (const decoder of decoders) {
      const fixed = Object.entries<Option>(decoder.options).filter(([, option]) => isFixed(option));
      for (const [name, option] of fixed) {
        const other = Number(option.default) + 0.5;
        expect(inherit(decoder, { [name]: other }, {}).taken, `${decoder.name} ${name}`).toEqual({});
        const { target } = hashedModels("causal");
        expect(refusalOf(decoder, { target: target.capabilities }, { [name]: other })?.message).toContain(name);
      }
    }
    expect(decoders.flatMap(({ options }) => Object.values<Option>(options).filter(isFixed)).length).toBeGreaterThan(1);
  });

  it("leave a filter out that this run's own temperature makes void, but not one that would be void in all", () => {
    const page = { temperature: 0.7, top_p: 0.9, min_p: 0.1 };
    const here = inherit(autoregressive, page, { temperature: 0 });
    expect(here.taken).toEqual({});
    expect(here.leftOut.top_p).toMatch(/^top_p changes nothing beside temperature 0/);
    expect(Object.keys(here.leftOut)).toEqual(["top_p", "min_p"]);
    expect(inherit(momentum, page, {}).taken).toEqual({});
    expect(inherit(autoregressive, { ...page, temperature: 0 }, {}).leftOut).toEqual({});
    // Nobody's temperature: as if it were 0.
    expect(inherit(autoregressive, { top_p: 0.9 }, {}).leftOut).toEqual({});
    expect(inherit(autoregressive, { ...page, temperature: 0 }, { temperature: 0.5 }).leftOut).toEqual({});
  });

  it("give way to what is given for this run, however that is spelt, and keep what no decoder would take", () => {
    expect(inherit(autoregressive, { max_new_tokens: 8, topK: 3 }, { maxNewTokens: 4, top_k: 2 }).taken).toEqual({});
    const wrong = { temperature: "abc", temprature: 1, seed: undefined };
    expect(inherit(momentum, wrong, {})).toEqual({ taken: { temperature: "abc", temprature: 1 }, leftOut: {} });
  });
});
