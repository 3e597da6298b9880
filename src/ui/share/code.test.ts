import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { decoders } from "../../decode/index.js";
import { commandLine, type CopiedRun, elementCode, libraryCode } from "./code.js";

const HOSTILE = `it's $(rm -rf) \`x\` "y" \\ ; \n </script><!-- 🦊 -x`;
const run: CopiedRun = {
  decoder: "speculative",
  refs: [
    { url: "https://page.example/models/story-ar/", context: 512, device: "wasm" },
    { url: "https://page.example/models/story draft/", context: 512, isContextAtMost: true, device: "wasm" },
  ],
  prompt: HOSTILE,
  options: { max_new_tokens: 12, temperature: 0.5, stop: [".", HOSTILE], logit_bias: { 5: -1 }, corpus: undefined },
};
const OPTIONS = { max_new_tokens: 12, temperature: 0.5, stop: [".", HOSTILE], logit_bias: { 5: -1 } };

/** What a copied program asks of the library. */
async function callsOf(code: string): Promise<unknown[]> {
  const calls: unknown[] = [];
  const load = async (...how: unknown[]) => {
    calls.push(["load", ...how]);
    return { url: how[0], generateText: async (...asked: unknown[]) => calls.push(asked) && { text: "" } };
  };
  const [head, ...body] = code.split("\n");
  expect(head).toBe('import { load } from "triptych-lm";');
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await new AsyncFunction("load", "console", body.join("\n"))(load, { log: () => {} });
  return calls;
}

describe("a run as library code", () => {
  it("runs, and asks for the same models, prompt and options", async () => {
    const [model, second, asked] = (await callsOf(libraryCode(run))) as [unknown, unknown, unknown[]];
    expect(model).toEqual(["load", run.refs[0].url, { context: 512, device: "wasm" }]);
    expect(second).toEqual(["load", run.refs[1].url, { device: "wasm" }]);
    const draft = { url: run.refs[1].url, generateText: expect.any(Function) };
    expect(asked).toEqual([HOSTILE, { ...OPTIONS, decoder: "speculative", draft }]);
  });

  it("may stand in a page's script, and of one model names one", async () => {
    const chat = { messages: [{ role: "user", content: HOSTILE }] };
    const code = libraryCode({ ...run, refs: [{ url: "https://page.example/m/" }], prompt: chat, options: {} });
    expect(code).not.toMatch(/<\/script|<!--/);
    expect(await callsOf(code)).toEqual([
      ["load", "https://page.example/m/"],
      [chat, { decoder: "speculative" }],
    ]);
  });
});

describe("a run as a command line", () => {
  it("is read by a shell as its words, whatever they hold", () => {
    const script = `triptych() { printf '%s\\0' "$@"; }\n${commandLine(run)}`;
    const { stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
    expect(stdout.split("\0").slice(0, -1)).toEqual([
      ...["run", "--model", run.refs[0].url, "--draft", run.refs[1].url, "--device", "wasm"],
      ...["--decoder", "speculative", "--prompt", HOSTILE, "--max-new-tokens", "12", "--temperature", "0.5"],
      ...["--stop", ".", "--stop", HOSTILE, "--logit-bias", '{"5":-1}'],
    ]);
  });

  it("has flags that the command line has, of every option of every decoder", async () => {
    const { flagOf } = await import("../../cli/flags.js");
    for (const { name: decoder, options } of decoders) {
      for (const name of Object.keys(options)) {
        const line = commandLine({ ...run, decoder, options: { [name]: 1 } });
        expect(line).toContain(` ${flagOf(name)} 1`);
      }
    }
  });

  it("is none for a chat", () => {
    expect(commandLine({ ...run, prompt: { messages: [] } })).toBeNull();
  });
});

it("an element's attributes and options are those that it was copied from", () => {
  const code = elementCode(
    { models: "https://page.example/m/?a&b", prompt: HOSTILE, seed: undefined },
    { stop: [HOSTILE] },
  );
  const [attribute] = /prompt="([^"]*)"/.exec(code)?.slice(1) ?? [];
  const read = (text: string) =>
    text.replaceAll("&lt;", "<").replaceAll("&quot;", '"').replaceAll("&#10;", "\n").replaceAll("&amp;", "&");
  expect(read(attribute)).toBe(HOSTILE);
  expect(code).not.toContain("seed");
  expect(code.match(/<\/script>/g)).toHaveLength(2);
  expect(JSON.parse(/options = (.*);<\/script>/.exec(code)?.[1] ?? "")).toEqual({ stop: [HOSTILE] });
});
