import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Plugin, runnerImport } from "vite";
import { beforeAll, describe, expect, it } from "vitest";
import { inherit } from "../src/decode/inherited.js";
import { decoders } from "../src/decode/index.js";
import type { Decoder } from "../src/decode/decoder.js";
import type { Option } from "../src/decode/options.js";
import { parseOptions } from "../src/decode/parse-options.js";
import { shortWgsl, wordlessOptions } from "./bundled-texts.js";

/** Tokens as WGSL's longest match reads them, lines of the preprocessor whole. */
const tokensOf = (text: string) =>
  text
    .match(/^\s*#.*$|\$\{\w+\}|[\w.]+|>>=|<<=|->|\+\+|--|&&|\|\||[<>=!+\-*/%&|^]=|<<|>>|\S/gm)
    ?.map((one) => one.trim());

describe("a bundled shader", () => {
  // Constants of the preprocessor are written $NAME here.
  const withConstants = (text: string) => text.replaceAll(/\$(\w+)/g, (_, name) => `\${${name}}`);

  it("has neither comments nor white space that parts nothing, and keeps what parts two words or two signs", () => {
    const text = `
      // what: a sum
      @group(0) @binding(1) var<storage, read> x: array<f32>; // bound
      #if  LANES != 1
      fn total(a: f32,
               b: f32) -> f32 {
        return a - -b * $SCALE + $SIGN a;
      }
      #else
      let $TYPE v = 1 > -2 && !c;
      #endif
    `;
    const short = [
      "@group(0)@binding(1)var<storage,read>x:array<f32>;",
      "#if  LANES != 1",
      "fn total(a:f32,b:f32)->f32{return a- -b*$SCALE+$SIGN a;}",
      "#else",
      "let $TYPE v=1> -2&& !c;",
      "#endif",
    ];
    expect(shortWgsl(withConstants(text))).toBe(withConstants(short.join("\n")));
  });

  it("is the same sequence of tokens as its source, whichever it is", () => {
    const folder = path.join(import.meta.dirname, "../shaders");
    const files = readdirSync(folder).filter((name) => name.endsWith(".wgsl"));
    expect(files.length).toBeGreaterThan(70);
    for (const file of files) {
      const source = readFileSync(path.join(folder, file), "utf8");
      expect(tokensOf(shortWgsl(source)), file).toEqual(tokensOf(source.replace(/\/\/.*/g, "")));
    }
  });
});

describe("the worker's decoders, whose options have no words", () => {
  const plain = { decoders, inherit, parseOptions };
  let bundled: typeof plain;
  let pairs: readonly { decoder: Decoder; wordless: Decoder }[];
  beforeAll(async () => {
    const from = (name: string, file: string) =>
      `export { ${name} } from ${JSON.stringify(path.join(import.meta.dirname, "../src/decode", file))};`;
    const entry: Plugin = {
      name: "entry",
      resolveId: (id) => (id === "decode" ? "\0decode" : null),
      load: (id) =>
        id === "\0decode"
          ? from("decoders", "index.ts") + from("inherit", "inherited.ts") + from("parseOptions", "parse-options.ts")
          : null,
    };
    const plugins = [entry, { ...wordlessOptions, apply: undefined }];
    bundled = (await runnerImport<typeof plain>("decode", { configFile: false, plugins })).module;
    pairs = decoders.map((decoder, i) => ({ decoder, wordless: bundled.decoders[i] }));
  });
  const wordsOf = ({ options }: Decoder) =>
    Object.values<Option>(options)
      .map(({ label, doc }) => label + doc)
      .join("");

  it("have lost their words", () => {
    for (const { decoder, wordless } of pairs) {
      expect(wordsOf(decoder).length).toBeGreaterThan(500);
      expect(wordsOf(wordless).length).toBeLessThan(wordsOf(decoder).length / 4);
    }
  });

  it("say what the others say: what is left out, wrong, reported", () => {
    const page = { temperature: 0.7, repetition_penalty: 1.2, top_k: 40, top_p: 0.9, min_p: 0.1, seed: 3 };
    const outcome = (code: typeof plain, of: Decoder, raw: Record<string, unknown>) => {
      try {
        return code.parseOptions(of.options, raw);
      } catch (error) {
        return (error as Error).message;
      }
    };
    for (const { decoder, wordless } of pairs) {
      expect(wordless.label).toBe(decoder.label);
      expect(bundled.inherit(wordless, page, {})).toEqual(inherit(decoder, page, {}));
      const options = parseOptions(decoder.options, {});
      expect(wordless.figures?.(options)).toEqual(decoder.figures?.(options));
      for (const name of Object.keys(options)) {
        for (const value of ["?", -7, {}, [-1], true]) {
          const raw = { [name]: value };
          expect(outcome(bundled, wordless, raw)).toEqual(outcome(plain, decoder, raw));
        }
      }
    }
  });
});
