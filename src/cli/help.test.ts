import { describe, expect, it, vi } from "vitest";
import { decoders } from "../decode/index.js";
import { runCommand } from "./command.js";
import { flagOf } from "./flags.js";

async function help(...args: string[]): Promise<string> {
  let out = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  expect(await runCommand([...args, "--help"])).toBe(0);
  spy.mockRestore();
  return out;
}

async function complaint(...args: string[]): Promise<string> {
  let err = "";
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
  expect(await runCommand(args)).toBe(2);
  spy.mockRestore();
  return err;
}

describe("help", () => {
  it.each([[[]], [["run"]], [["score"]], [["chat"]], [["tokens"]], [["bench"]], [["device"]]])(
    "of %s fits 80 columns",
    async (args) => {
      const lines = (await help(...args)).split("\n");
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
    },
  );

  it.each(decoders.map(({ name, options }) => [name, Object.keys(options)]))(
    "of %s lists its options, each once, and no other decoder's",
    async (name, names) => {
      const text = await help("run", "--decoder", name as string);
      expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
      const listed = [...text.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag);
      expect(new Set(listed).size).toBe(listed.length);
      const every = new Set(decoders.flatMap(({ options }) => Object.keys(options)));
      for (const option of every) expect(listed.includes(flagOf(option))).toBe(names.includes(option));
    },
  );

  it("names the decoders, the default one, and how to see a decoder's options", async () => {
    const text = await help("run");
    for (const { name } of decoders) expect(text).toContain(`\n  ${name} `);
    expect(text).toMatch(/--decoder NAME --help/);
    expect(text.replaceAll(/\s+/g, " ")).toContain('(default: "autoregressive")');
    expect(text).toContain("Examples:");
    expect(text).not.toContain("--commit-rule");
  });
});

describe("what can't be run", () => {
  const model = ["--model", "public/models/story-ar"];
  const diffusion = ["--model", "public/models/story-diffusion"];
  it.each([
    [["run", "--modle", "x"], /Did you mean --model\?/],
    [["rnu"], /Did you mean run\?/],
    [["run", "--prompt", "Tom"], /run needs --model DIR/],
    [["run", ...model, "--prompt", "Tom", "--temperature", "abc"], /temperature can't be "abc"/],
    [["run", ...model, "--prompt", "Tom", "--drafter", "suffix"], /drafter is an option of speculative/],
    [
      ["run", ...model, "--prompt", "Tom", "--decoder", "speculative"],
      /--draft DIR .*suffix and prompt-lookup need none/,
    ],
    [["run", ...diffusion, "--prompt", "Tom"], /reads blocks: choose block-diffusion/],
    [["bench", ...model, "--prompt", "Tom", "--temperature", "abc"], /temperature can't be "abc"/],
    [["score", ...model, "--ids", "99999"], /--ids holds 99999/],
    [["score", ...model, "--ids", "5", "--last", "2"], /--last 2: there are only 1 ids/],
    [["run", ...model, "--prompt", "Tom", "--logit-bias", '{"99999": 1}'], /logit_bias/],
  ])("is refused before a device is opened: %j", async (args, words) => {
    // Opening the CPU's adapter would fail with other words.
    vi.stubEnv("CHROMIUM", "/no/browser");
    const software = args.includes("--model") ? ["--software"] : [];
    expect(await complaint(...args, ...software)).toMatch(words);
    vi.unstubAllEnvs();
  });
});
