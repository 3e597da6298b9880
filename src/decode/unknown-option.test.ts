import { describe, expect, it } from "vitest";
import { autoregressive } from "./autoregressive/decoder.js";
import { refuseForeign } from "./foreign-options.js";
import { decoders, findDecoder } from "./index.js";
import { parseOptions } from "./parse-options.js";
import { speculative } from "./speculative/decoder.js";

const message = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
};

describe("a name that isn't there", () => {
  it.each([
    ["temprature", "temperature"],
    ["max_new_token", "max_new_tokens"],
    ["maxNewTokns", "max_new_tokens"],
    ["topk", "top_k"],
    ["repetition-penality", "repetition_penalty"],
  ])("%s is answered with %s, not with a list", (written, meant) => {
    const said = message(() => parseOptions(autoregressive.options, { [written]: 1 }));
    expect(said).toBe(`There is no option ${JSON.stringify(written)} here. Did you mean "${meant}"?`);
  });

  it("is answered with all names where none is close", () => {
    expect(message(() => parseOptions(autoregressive.options, { velocity: 1 }))).toMatch(
      /Valid options: max_new_tokens, /,
    );
  });

  it("is answered with the closest choice too", () => {
    expect(message(() => parseOptions(speculative.options, { drafter: "sufix" }))).toMatch(/Did you mean "suffix"\?$/);
    expect(message(() => findDecoder("autoregresive"))).toMatch(/Did you mean "autoregressive"\?$/);
  });

  it("belongs to other decoders: they are named, for every option of every decoder", () => {
    for (const decoder of decoders) {
      for (const name of Object.keys(decoder.options)) {
        const lacking = decoders.filter(({ options }) => !Object.hasOwn(options, name));
        for (const other of lacking) {
          const said = message(() => refuseForeign(other, { [name]: 1 }));
          expect(said).toContain(`${name} is an option of `);
          expect(said).toContain(decoder.name);
        }
      }
    }
  });
});
