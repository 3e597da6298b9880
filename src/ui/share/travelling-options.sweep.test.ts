// Over 300 lines: one way to draw values, for each thing that carries them.
// Values that chance picks from the decoders' own tables come back from whatever carries them: the address, a command line, an element, library code.
import { spawnSync } from "node:child_process";
import { Command } from "commander";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineRun } from "../../cli/run-command.js";
import type { RunFlags } from "../../cli/run.js";
import { infos } from "../../decode/decoder-info.js";
import { isFixed, type Option, type OptionTable } from "../../decode/options.js";
import { parseOptions } from "../../decode/parse-options.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { fromParameters, type Settings, toAddress } from "../address.js";
import { packedIn } from "../in-address.js";
import { type Compared, settingsOf, takeIntoPanes } from "../compare-settings.js";
import { SHARED, splitOptions } from "../controls.js";
import { optionsHere } from "../here.js";
import { unpack } from "../packed-address.js";
import type { Pane } from "../pane.js";
import { commandLine, type CopiedRun, elementCode, libraryCode } from "./code.js";

const SEED = 20261201;
const hostile = fc.constantFrom(
  "'",
  '"',
  "\\",
  "&",
  "<",
  "%",
  "+",
  "=",
  "#",
  "\n",
  "$",
  "`",
  " ",
  "</script>",
  "&amp;",
  "a",
);
const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  fc.string({ unit: hostile, minLength: 1, maxLength: 8 }),
);
/** A drafter that is as it would be anyway, but chosen: it no longer goes by costs. */
const chosenDrafter = { decoder: "speculative", own: { num_assistant_tokens_schedule: "constant" }, here: {} };
const isLegal = (name: string, option: Option, value: unknown) => {
  try {
    // A text stands for ids where there is a tokenizer.
    parseOptions({ [name]: option }, { [name]: option.type === "ids" ? null : value });
    return true;
  } catch {
    return false;
  }
};

/** What a person can set an option to. */
function valueFor(name: string, option: Option): fc.Arbitrary<unknown> {
  switch (option.type) {
    case "boolean":
      return fc.boolean();
    case "enum":
      return fc.constantFrom(...option.values);
    case "strings":
      return fc.oneof(text, fc.constant([]));
    case "ids":
      return text;
    case "map":
      return fc
        .dictionary(fc.nat(9e5).map(String), fc.float({ noNaN: true, noDefaultInfinity: true }).map(plainZero), {
          maxKeys: 3,
        })
        .filter((value) => isLegal(name, option, value));
    default: {
      const [min, max] = [option.min ?? option.above ?? -1e6, option.max ?? 1e9];
      const number =
        option.type === "integer" ? fc.integer({ min: Math.ceil(min), max }) : fc.double({ min, max, noNaN: true });
      const edges = [option.default, option.min, option.max].filter((value) => typeof value === "number");
      return fc
        .oneof(number.map(plainZero), ...edges.map((value) => fc.constant(value)))
        .filter((value) => isLegal(name, option, value));
    }
  }
}
/** Numbers have no sign where they are 0, in any field or flag. */
const plainZero = (value: number) => (value === 0 ? 0 : value);

/** Some options of a table with values. */
const chosenOf = (table: Iterable<readonly [string, Option]>) =>
  fc.record(Object.fromEntries([...table].map(([name, option]) => [name, valueFor(name, option)])), {
    requiredKeys: [],
  });

const { common, own } = splitOptions(infos);
const front = (name: string) =>
  fc.option(fc.oneof(valueFor(name, infos[0].options[name]), fc.constantFrom(null, "abc")), {
    nil: undefined,
  }) as fc.Arbitrary<number | string | null | undefined>;
const pane = fc.constantFrom(...infos).chain(({ name }) =>
  fc.record({
    decoder: fc.constant(name),
    own: chosenOf(own.get(name) ?? []),
    here: chosenOf(optionsHere(infos, name).filter(([, option]) => !isFixed(option))),
  }),
);
const state = fc.record({
  prompt: fc.oneof(text, fc.string({ unit: "binary", maxLength: 300 })),
  max_new_tokens: front("max_new_tokens"),
  temperature: front("temperature"),
  seed: front("seed"),
  common: chosenOf(common),
  panes: fc.array(pane, { minLength: 1, maxLength: 6 }),
});

/** Settings as an address holds them, after a way through it. */
async function travelled(settings: Settings, begun: readonly string[] = []) {
  const { search, hash } = new URL(await toAddress(settings), "https://page.example/");
  const packed = packedIn(hash);
  const parameters = packed === null ? new URLSearchParams(search) : await unpack(packed);
  if (typeof parameters === "string") throw new Error(parameters);
  return fromParameters(parameters, infos, begun);
}

/** A pane as far as an address knows it. */
class PlainPane {
  private readonly chosen = new Map<string, object>();
  constructor(readonly decoder: string) {}
  chosenOf = (group: string) => this.chosen.get(group) ?? {};
  choose = (group: string, chosen: object) => void this.chosen.set(group, chosen);
}

const withoutUndefined = (values: object) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

describe("an address", () => {
  it("brings back every setting of one to six panes of any decoders, and what each of them would write with", async () => {
    await fc.assert(
      fc.asyncProperty(state, async ({ common: forAll, panes: drawn, ...rest }) => {
        const panes = drawn.map(({ decoder, own: chosen, here }) => {
          const one = new PlainPane(decoder);
          one.choose(decoder, chosen);
          one.choose(SHARED, here);
          return one;
        });
        const { prompt, max_new_tokens, temperature, seed } = rest;
        const none = (value: number | string | null | undefined) => value ?? undefined;
        const element = {
          ...{ prompt, maxNewTokens: none(max_new_tokens), temperature: none(temperature), seed: none(seed) },
          ...{
            device: "auto",
            energy: "draft",
            options: {},
            getAttribute: (name: string) => (name === "temperature" ? "0.7" : null),
          },
        };
        const ownOf = ({ decoder, chosenOf: of }: Pick<Pane, "decoder" | "chosenOf">) => of(decoder);
        const compared = { element, panes, decoders: ["autoregressive"], common: forAll, ownOf, family: "stories260k" };
        const settings = settingsOf(compared as unknown as Compared, infos);
        const { settings: read, refused } = await travelled(settings, compared.decoders);
        expect(refused).toEqual([]);
        const { chosen, ...named } = read;
        expect(named).toEqual(withoutUndefined({ ...settings, chosen: undefined }));
        expect(chosen[SHARED] ?? {}).toEqual(forAll);
        // A temperature that isn't given differs from the attribute's, which a page without an address has.
        expect(read.temperature ?? null).toBe(String(temperature) === "0.7" ? null : (temperature ?? null));
        const fresh = (read.panes ?? compared.decoders).map((decoder) => new PlainPane(decoder));
        takeIntoPanes(fresh as unknown as Pane[], chosen, infos);
        for (const [i, { decoder, chosenOf: of }] of panes.entries()) {
          const defaults = Object.fromEntries((own.get(decoder) ?? []).map(([name, option]) => [name, option.default]));
          expect({ ...defaults, ...fresh[i].chosenOf(decoder) }, decoder).toEqual({ ...defaults, ...of(decoder) });
          expect(fresh[i].chosenOf(SHARED), decoder).toEqual(of(SHARED));
          // A drafter that goes by costs has nothing set.
          if (decoder === "speculative")
            expect(Object.keys(fresh[i].chosenOf(decoder)).length > 0).toBe(Object.keys(of(decoder)).length > 0);
        }
      }),
      { seed: SEED, numRuns: 60, examples: [[{ prompt: "", common: {}, panes: [chosenDrafter] } as never]] },
    );
  });

  it("refuses by name what an option doesn't take, of every option of every decoder", async () => {
    for (const { name: decoder, options } of infos) {
      for (const [name, option] of Object.entries(options)) {
        for (const bad of illegal(option)) {
          const { settings, refused } = fromParameters(new URLSearchParams({ [`1.${name}`]: bad }), infos, [decoder]);
          const where = `${decoder} ${name} ${bad}`;
          if (refused.length > 0) expect(refused, where).toEqual([expect.stringContaining(`1.${name}=`)]);
          // What the address hands on is refused by the decoder's own table.
          else expect(faultOf(options, settings.chosen[1]), where).toMatch(new RegExp(`^${name} can't be `));
          expect(faultOf(options, { [name]: bad }), where).toContain(name);
        }
      }
    }
  });
});

/** Texts that an option doesn't take. */
function illegal(option: Option): string[] {
  if (option.type === "strings" || option.type === "ids") return [];
  if (option.type === "map") return ["{", "[]", '{"a":1}', '{"1":"x"}', "5"];
  const bad = ["nonsense", "0x10", "1e999", "<b>"];
  if (option.type === "integer" || option.type === "number") {
    if (option.min !== undefined) bad.push(String(option.min - 1));
    if (option.above !== undefined) bad.push(String(option.above));
    if (option.max !== undefined) bad.push(String(option.max + 1));
  }
  return bad;
}

function faultOf(options: OptionTable, raw: object | undefined): string {
  try {
    parseOptions(options, { ...raw });
    return "taken";
  } catch (error) {
    if (error instanceof InvalidOptionError) return error.message;
    throw error;
  }
}

const REFS = [{ url: "https://page.example/models/story ar/" }, { url: "https://page.example/models/draft/" }];
/** A run of any decoder with any of its options, as a pane was asked for it. */
const run: fc.Arbitrary<CopiedRun> = fc.constantFrom(...infos).chain(({ name: decoder, options }) =>
  fc.record({
    decoder: fc.constant(decoder),
    refs: fc.constantFrom(REFS, REFS.slice(1)),
    prompt: text.map((one) => one.replaceAll("\0", "")),
    options: chosenOf(Object.entries(options)),
  }),
);
const runs = fc.sample(run, { seed: SEED, numRuns: 150 });
const tableOf = (decoder: string) => infos.find(({ name }) => name === decoder)?.options ?? {};

describe("a copied run", () => {
  it("is read by the command line as it was", async () => {
    // No shell passes a word with a zero byte on.
    const typed = runs.map((one) => ({
      ...one,
      options: JSON.parse(JSON.stringify(one.options).replaceAll("\\u0000", "0")),
    }));
    const script = `triptych() { printf '%s\\0' "$@"; printf '\\0'; }\n${typed.map(commandLine).join("\n")}`;
    const { stdout } = spawnSync("sh", { input: script, encoding: "utf8", maxBuffer: 1e8 });
    const lines = stdout.split("\0\0").slice(0, -1);
    expect(lines).toHaveLength(typed.length);
    for (const [i, { decoder, refs, prompt, options }] of typed.entries()) {
      const program = new Command().exitOverride();
      const asked: RunFlags[] = [];
      const signal = new AbortController().signal;
      defineRun(
        program,
        signal,
        () => {},
        async (flags) => {
          asked.push(flags);
          return "length";
        },
      );
      await program.parseAsync(lines[i].split("\0"), { from: "user" });
      const flags = asked.at(-1);
      expect(flags).toMatchObject({ decoder, model: refs[0].url, prompt });
      expect(flags?.draft).toBe(refs[1]?.url);
      expect(meant(decoder, flags?.options ?? {}), lines[i]).toEqual(meant(decoder, options));
    }
  });

  it("asks the library for the same", async () => {
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    for (const one of runs) {
      const calls: unknown[] = [];
      const load = async (url: string) => ({
        url,
        generateText: async (...how: unknown[]) => calls.push(how) && { text: "" },
      });
      const [, ...body] = libraryCode(one).split("\n");
      await new AsyncFunction("load", "console", body.join("\n"))(load, { log: () => {} });
      const draft = one.refs[1] ? { draft: { url: one.refs[1].url, generateText: expect.any(Function) } } : {};
      expect(calls).toEqual([[one.prompt, { decoder: one.decoder, ...one.options, ...draft }]]);
    }
  });

  it("is an element with the same attributes and options", () => {
    for (const { prompt, options } of runs) {
      const code = elementCode({ prompt: String(prompt), seed: 3 }, options);
      const [, written] = /<triptych-compare prompt="([^"]*)" seed="3">/.exec(code) ?? [];
      expect(unescaped(written)).toBe(prompt);
      const [, given = "{}"] = /\.options = (.*);<\/script>\n$/.exec(code) ?? [];
      expect(JSON.parse(given)).toEqual(options);
      expect(code.match(/<\/?script/g)?.length).toBe(Object.keys(options).length > 0 ? 4 : 2);
    }
  });
});

/** What a decoder makes of options. */
function meant(decoder: string, options: Readonly<Record<string, unknown>>) {
  const ids = Object.entries(tableOf(decoder))
    .filter(([, { type }]) => type === "ids")
    .map(([name]) => name);
  const texts = Object.fromEntries(ids.map((name) => [name, options[name]]));
  const others = Object.fromEntries(Object.entries(options).filter(([name]) => !ids.includes(name)));
  return { ...parseOptions(tableOf(decoder), others), ...texts };
}

function unescaped(attribute: string): string {
  return attribute.replaceAll("&lt;", "<").replaceAll("&quot;", '"').replaceAll("&#10;", "\n").replaceAll("&amp;", "&");
}
