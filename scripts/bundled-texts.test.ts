import path from "node:path";
import { runnerImport } from "vite";
import { describe, expect, it } from "vitest";
import { inherit } from "../src/decode/inherited.js";
import { decoders } from "../src/decode/index.js";
import type { Decoder } from "../src/decode/decoder.js";
import { parseOptions } from "../src/decode/parse-options.js";
import { shortWgsl, wordlessOptions } from "./bundled-texts.js";

describe("a bundled shader", () => {
  it("has neither comments nor white space that parts nothing, and keeps what parts two words or two signs", () => {
    const text = `
      // what: a sum
      @group(0) @binding(1) var<storage, read> x: array<f32>; // bound
      #if  LANES != 1
      fn total(a: f32,
               b: f32) -> f32 {
        return a - -b * ${"${SCALE}"} + ${"${SIGN}"} a;
      }
      #else
      let ${"${TYPE}"} v = 1 > -2 && !c;
      #endif
    `;
    expect(shortWgsl(text)).toBe(
      [
        "@group(0)@binding(1)var<storage,read>x:array<f32>;",
        "#if  LANES != 1",
        `fn total(a:f32,b:f32)-> f32{return a- -b*${"${SCALE}"}+${"${SIGN}"} a;}`,
        "#else",
        `let ${"${TYPE}"} v=1> -2&& !c;`,
        "#endif",
      ].join("\n"),
    );
  });
});

describe("the worker's decoders, whose options have no words", async () => {
  const file = path.join(import.meta.dirname, "../src/decode/index.ts");
  const plugin = { ...wordlessOptions, apply: undefined };
  const { module } = await runnerImport<{ decoders: readonly Decoder[] }>(file, {
    configFile: false,
    plugins: [plugin],
  });
  const pairs = decoders.map((decoder, i) => ({ name: decoder.name, decoder, wordless: module.decoders[i] }));
  const wordsOf = ({ options }: Decoder) => Object.values(options).flatMap(({ label, doc }) => [label, doc]);

  it("have lost their words", () => {
    for (const { decoder, wordless } of pairs) {
      expect(wordsOf(decoder).join("").length).toBeGreaterThan(500);
      expect(wordsOf(wordless).join("").length).toBeLessThan(wordsOf(decoder).join("").length / 4);
    }
  });

  it.each(pairs)("say of $name what the others say: what is left out, wrong, reported", ({ decoder, wordless }) => {
    const page = { temperature: 0.7, repetition_penalty: 1.2, top_k: 40, top_p: 0.9, min_p: 0.1, seed: 3 };
    expect(inherit(wordless, page, {})).toEqual(inherit(decoder, page, {}));
    const options = parseOptions(decoder.options, {});
    expect(parseOptions(wordless.options, {})).toEqual(options);
    expect(wordless.figures?.(options)).toEqual(decoder.figures?.(options));
    expect(wordless.label).toBe(decoder.label);
    const refusal = (of: Decoder, raw: Record<string, unknown>) => {
      try {
        return JSON.stringify(parseOptions(of.options, raw));
      } catch (error) {
        return (error as Error).message;
      }
    };
    for (const name of Object.keys(options)) {
      for (const value of ["?", -7, {}, [-1], true]) {
        expect(refusal(wordless, { [name]: value })).toBe(refusal(decoder, { [name]: value }));
      }
    }
  });
});
