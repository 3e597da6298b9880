import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { infos } from "./decoder-info.js";
import { examplesOf } from "./examples.js";
import { decoders } from "./index.js";
import { COMMON_OPTIONS, type Option } from "./options.js";
import { parseOptions } from "./parse-options.js";

const here = import.meta.dirname;

describe("the decoders", () => {
  it("are those of the folders with a decoder.ts, by the folders' names, the default one first", () => {
    const folders = readdirSync(here).filter((name) => existsSync(path.join(here, name, "decoder.ts")));
    expect(decoders.map(({ name }) => name).sort()).toEqual(folders.sort());
    expect(decoders[0].name).toBe("autoregressive");
  });

  it("import nothing of each other's folders", () => {
    for (const { name } of decoders) {
      const folder = path.join(here, name);
      const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
      for (const file of files.filter((one) => /(?<!\.test)\.ts$/.test(one))) {
        const text = readFileSync(path.join(folder, file), "utf8");
        for (const other of decoders) {
          if (other.name === name) continue;
          expect(text, `${name}/${file}`).not.toMatch(new RegExp(`from "(\\.\\./)+${other.name}/`));
        }
      }
    }
  });
});

describe.each(decoders)("the folder of $name", (decoder) => {
  const folder = path.join(here, decoder.name);
  const readme = readFileSync(path.join(folder, "README.md"), "utf8");

  it("has a README that says how it writes in a short paragraph, whose law the text has and when it pays", () => {
    const about = infos.find(({ name }) => name === decoder.name)?.about ?? "";
    const words = about.split(/\s+/).length;
    expect(words).toBeGreaterThan(15);
    expect(words).toBeLessThanOrEqual(60);
    expect(about).toMatch(/^[A-Z].*\.$/);
    for (const heading of ["Law of the text", "When it pays"]) expect(readme).toContain(`\n## ${heading}\n`);
  });

  it("has its options' table in a file of its own", () => {
    const [code, table] = ["decoder.ts", "options.ts"].map((file) => readFileSync(path.join(folder, file), "utf8"));
    expect(code).toMatch(/from "\.\/options\.js"/);
    expect(code).not.toMatch(/\b(?:doc|default|when): |COMMON_OPTIONS/);
    expect(table).toContain("COMMON_OPTIONS");
  });

  it("says which of many options matter most, by names of its table", () => {
    const { foremost = [], options } = decoder;
    const common = Object.keys(COMMON_OPTIONS);
    const own = Object.keys(options).filter((name) => !common.includes(name));
    expect(foremost.filter((name) => !own.includes(name))).toEqual([]);
    expect(new Set(foremost).size).toBe(foremost.length);
    if (own.length > 6) expect(foremost.length).toBeGreaterThan(1);
    expect(foremost.length).toBeLessThanOrEqual(6);
  });

  it("says of an option by a common one's name that it means something else, where its label says so", () => {
    const common: Readonly<Record<string, Option>> = COMMON_OPTIONS;
    for (const [name, option] of Object.entries(decoder.options)) {
      const isOther = Object.hasOwn(common, name) && common[name].label !== option.label;
      expect(option.ownMeaning !== undefined, name).toBe(isOther);
    }
  });

  it("has examples whose options its table takes, on models that are there", () => {
    const examples = examplesOf(decoder);
    expect(examples.length).toBeGreaterThan(0);
    expect(new Set(examples.map(({ title }) => title)).size).toBe(examples.length);
    for (const { options, models } of examples) {
      expect(() => parseOptions(decoder.options, options)).not.toThrow();
      // A run's own length and seed are set by who runs it.
      expect(Object.keys(options)).not.toContain("max_new_tokens");
      for (const model of Object.values(models ?? {})) {
        expect(statSync(path.join(here, "../../public/models", model)).isDirectory()).toBe(true);
      }
    }
  });
});
