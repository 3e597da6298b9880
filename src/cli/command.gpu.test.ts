// Over 300 lines: the command line as a whole, command by command, on real models.
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openDevice } from "../backend/webgpu/gpu/device.js";
import { randomAdapter } from "../testing/random-adapter.js";
import { randomHead } from "../testing/random-head.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { runCommand } from "./command.js";

const MODELS = "tests/fixtures/models";
const STORY = "public/models/story-ar";
const STORIES = "public/models/stories260k";

afterEach(() => vi.restoreAllMocks());

/** Runs a command line in this process. */
async function triptych(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const write = (append: (text: string) => void) => (text: unknown) => {
    append(String(text));
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(write((text) => (out += text))),
    vi.spyOn(process.stderr, "write").mockImplementation(write((text) => (err += text))),
  ];
  const code = await runCommand(args);
  for (const spy of spies) spy.mockRestore();
  return { code, out, err };
}

interface Scored {
  logits: number[][];
  logprobs?: number[];
  nll: number;
  nelbo: number;
  standard_error: number;
  tokens: number;
}

async function json(...args: string[]): Promise<Scored> {
  const { code, out, err } = await triptych(...args);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

function worst(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return expected.reduce((max, value, i) => Math.max(max, Math.abs(value - actual[i])), 0);
}

describe("device", () => {
  it("prints the adapter, its limits and the costs of a model's forwards as one JSON object", async () => {
    const { code, out, err } = await triptych("device", "--model", `${MODELS}/qwen3`, "--json");
    expect([code, err]).toEqual([0, ""]);
    const { adapter, limits, model, costs } = JSON.parse(out);
    expect(adapter.isSoftware).toBe((await openDevice()).facts.isSoftware);
    expect(Object.values(limits).every((value) => typeof value === "number" && value >= 0)).toBe(true);
    expect(model).toBe("qwen3");
    expect(costs.rows.length).toBe(costs.ratio.length);
    expect(costs.ratio[0]).toBe(1);
  });

  it("says that a software adapter has nothing to tune, and runs on the record that it prints", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "tuning-"));
    const file = path.join(folder, "tuning.json");
    const model = `${MODELS}/qwen3`;
    try {
      const { out } = await triptych("device", "--model", model, "--tune", "--json");
      const printed = JSON.parse(out);
      expect(printed.tuning).toMatchObject({
        version: 1,
        choices: [],
        kernels: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      writeFileSync(file, out);
      const run = ["run", "--model", model, "--decoder", "autoregressive", "--ids", "5,9", "--max-new-tokens", "2"];
      expect((await triptych(...run, "--tuning", file)).code).toBe(0);
      writeFileSync(file, JSON.stringify({ ...printed.tuning, kernels: "0a" }));
      const other = await triptych(...run, "--tuning", file);
      expect(other).toMatchObject({ code: 2, err: expect.stringContaining("other kernels") });
      writeFileSync(file, "{");
      expect((await triptych(...run, "--tuning", file)).err).toMatch(/can't be read as JSON/);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(await triptych("device", "--tune")).toMatchObject({ code: 2, err: expect.stringContaining("--model DIR") });
  });

  it("names the guessed costs in words, and says nothing of a model that wasn't given", async () => {
    const { code, out } = await triptych("device");
    expect(code).toBe(0);
    expect(out).toMatch(/software adapter[\s\S]*copy .* GB\/s[\s\S]*readback/);
    expect(out).not.toContain("rows");
  });
});

describe("an adaptive run", () => {
  it("measures for a drafter with a corpus too, which is text until the tokenizer has read it", async () => {
    const run = [
      "run",
      "--model",
      STORY,
      "--decoder",
      "speculative",
      "--drafter",
      "suffix",
      "--corpus",
      "Once upon a time",
    ];
    const adaptive = ["--prompt", "Tom ran", "--max-new-tokens", "3", "--num-assistant-tokens-schedule", "adaptive"];
    const { code, out, err } = await triptych(...run, ...adaptive, "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out.split("\n")[0]).options).toMatchObject({ forward_costs: { 1: 1 }, draft_cost: null });
  });

  it("takes a head for the model, and says what it misses without one", async () => {
    const config = JSON.parse(readFileSync(`${STORIES}/config.json`, "utf8"));
    const folder = mkdtempSync(path.join(os.tmpdir(), "head-"));
    const { source } = randomHead(config, 2);
    for (const name of ["config.json", "model.safetensors"]) {
      writeFileSync(path.join(folder, name), await source.bytes(name));
    }
    const run = ["run", "--model", STORIES, "--prompt", "Tom ran", "--max-new-tokens", "12", "--json"];
    const textOf = ({ out }: { out: string }) => JSON.parse(out.trim().split("\n").at(-1) as string).text;
    const drafted = await triptych(...run, "--decoder", "speculative", "--drafter", "eagle", "--head", folder);
    expect(drafted.code).toBe(0);
    expect(textOf(drafted)).toBe(textOf(await triptych(...run, "--decoder", "autoregressive")));
    const without = await triptych(...run, "--decoder", "speculative", "--drafter", "eagle");
    expect([without.code, without.err]).toEqual([
      2,
      expect.stringMatching(/a model loaded with an EAGLE head .*--head/),
    ]);
    const other = await triptych(...run, "--decoder", "speculative", "--drafter", "eagle", "--head", STORY);
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/hidden_size 256, the model's 64/)]);
  });

  it("takes an adapter for the model, and says what it misses without one", async () => {
    const config = JSON.parse(readFileSync(`${STORIES}/config.json`, "utf8"));
    const folder = mkdtempSync(path.join(os.tmpdir(), "adapter-"));
    const { source } = randomAdapter(config, 2);
    for (const name of ["adapter_config.json", "adapter_model.safetensors"]) {
      writeFileSync(path.join(folder, name), await source.bytes(name));
    }
    const run = ["run", "--model", STORIES, "--prompt", "Tom ran", "--max-new-tokens", "12", "--json"];
    const doneOf = ({ out }: { out: string }) => JSON.parse(out.trim().split("\n").at(-1) as string);
    const by = (...args: string[]) => triptych(...run, "--decoder", "speculative", "--drafter", "mtp", ...args);
    const drafted = await by("--adapter", folder, "--mtp-layout", "linear");
    expect(drafted.code).toBe(0);
    expect(doneOf(drafted).metrics.proposed).toBeGreaterThan(0);
    expect(doneOf(drafted).text).toBe(doneOf(await triptych(...run, "--decoder", "autoregressive")).text);
    const without = await by();
    expect([without.code, without.err]).toEqual([
      2,
      expect.stringMatching(/a model loaded with an adapter .*--adapter/),
    ]);
    const other = await by("--adapter", STORIES);
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/adapter_config\.json is missing/)]);
  });

  it("measures what it isn't given, tells it in its start event, and repeats with it", async () => {
    const run = ["run", "--model", STORY, "--draft", "public/models/story-draft", "--decoder", "speculative", "--json"];
    const adaptive = [...run, "--ids", "0,5,9", "--max-new-tokens", "8", "--num-assistant-tokens-schedule", "adaptive"];
    const events = async (...args: string[]) => {
      const { out } = await triptych(...adaptive, ...args);
      return out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    };
    const [start, ...steps] = await events();
    const { forward_costs, draft_cost, wait_cost } = start.options;
    expect(forward_costs[1]).toBe(1);
    // Enough for the rows of four drafts and the token before them.
    expect(Object.keys(forward_costs)).toEqual(["1", "2", "3", "4", "8"]);
    expect(draft_cost).toBeGreaterThan(0);
    const costs = ["--forward-costs", JSON.stringify(forward_costs), "--draft-cost", String(draft_cost)];
    const given = [...costs, "--wait-cost", String(wait_cost)];
    const [again, ...stepsAgain] = await events(...given);
    expect(again.options).toEqual(start.options);
    expect(stepsAgain.at(-1).ids).toEqual(steps.at(-1).ids);
    expect(stepsAgain.at(-1).metrics.proposed).toBe(steps.at(-1).metrics.proposed);
  });
});

describe.each(["llama", "qwen3", "mistral", "smollm3", "gemma3_text", "gpt2", "gpt_neox"])(
  "score of %s agrees with transformers",
  (name) => {
    const model = `${MODELS}/${name}`;
    const golden = JSON.parse(readFileSync(`${model}/expected.json`, "utf8"));
    const ids = golden.input_ids.join(",");
    const all = String(golden.input_ids.length);

    it("causally, logits and the log-probability of each next id", async () => {
      const { logits, logprobs } = await json(
        "score",
        "--model",
        model,
        "--ids",
        ids,
        "--attend",
        "causal",
        "--last",
        "4",
      );
      expect(worst(logits.flat(), golden.logits_causal.flat())).toBeLessThan(golden.tolerance);
      expect(worst(logprobs ?? [], golden.logprob_of_next)).toBeLessThan(golden.tolerance);
    });

    it.runIf(golden.logits_full)("under full and block attention, without log-probabilities", async () => {
      for (const [attend, expected] of [
        ["full", golden.logits_full],
        ["block:4", golden.logits_block4],
      ]) {
        const { logits, logprobs } = await json(
          "score",
          "--model",
          model,
          "--ids",
          ids,
          "--attend",
          attend,
          "--last",
          all,
        );
        expect(worst(logits.flat(), expected.flat())).toBeLessThan(golden.tolerance);
        expect(logprobs).toBeUndefined();
      }
    });

    it.runIf(golden.tree)("on a draft tree behind a prefix, also where --last reaches into the prefix", async () => {
      const { prefix_ids, tokens, parents, logits: expected } = golden.tree;
      const args = [
        "score",
        "--model",
        model,
        "--ids",
        [...prefix_ids, ...tokens].join(","),
        "--parents",
        parents.join(","),
      ];
      const { logits } = await json(...args, "--last", "7");
      expect(worst(logits.flat(), expected.flat())).toBeLessThan(golden.tolerance);
      const further = await json(...args, "--last", "9");
      expect(further.logits).toHaveLength(9);
      expect(further.logits.slice(2)).toEqual(logits);
    });
  },
);

it.each(IS_WHOLE ? ["story-ar", "story-draft"] : ["story-draft"])(
  "score of a text gives the likelihood of %s as its makers measured it",
  async (name) => {
    const evaluation = JSON.parse(readFileSync("tests/fixtures/evaluation.json", "utf8"));
    const file = "tests/fixtures/valid-sample.txt";
    const { nll, tokens } = await json("score", "--model", `public/models/${name}`, "--text-file", file);
    expect(tokens).toBe(evaluation.tokens);
    expect(Math.abs(nll - evaluation[`${name.replace("-", "_")}_nll_per_token`])).toBeLessThan(1e-3);
  },
  300_000,
);

// Some 300 to 5,000 forwards each.
it.skipIf(!IS_WHOLE).each([4, 8, 16, 32])(
  "score gives a bound of blocks of %i within two standard errors of what its makers measured (test:whole alone: minutes)",
  async (block) => {
    const evaluation = JSON.parse(readFileSync("tests/fixtures/evaluation.json", "utf8"));
    const { mean, standard_error: theirs } = evaluation.story_diffusion_nelbo_per_token[block];
    const file = "tests/fixtures/valid-sample.txt";
    const args = ["score", "--model", "public/models/story-diffusion", "--text-file", file];
    const { nelbo, standard_error: ours } = await json(...args, "--nelbo", `block:${block}`, "--draws", "4");
    expect(Math.abs(nelbo - mean)).toBeLessThan(2 * Math.hypot(theirs, ours));
    expect(nelbo).toBeGreaterThan(evaluation.story_ar_nll_per_token);
  },
  900_000,
);

it("run writes stories260k's golden text, whole", async () => {
  const model = "public/models/stories260k";
  const { generations } = JSON.parse(readFileSync(`${model}/expected.json`, "utf8"));
  for (const { prompt, prompt_ids, greedy, text } of generations) {
    const given = prompt ? ["--prompt", prompt] : ["--ids", prompt_ids.join(",")];
    const length = String(greedy.length);
    const args = [
      "run",
      "--model",
      model,
      "--decoder",
      "autoregressive",
      ...given,
      "--max-new-tokens",
      length,
      "--json",
    ];
    const { out } = await triptych(...args);
    const done = JSON.parse(out.trimEnd().split("\n").at(-1) ?? "");
    expect(done.ids).toEqual(greedy);
    expect(done.text).toBe(text);
  }
});

it("run without --json streams the same text that done reports", async () => {
  const args = ["run", "--model", STORY, "--decoder", "autoregressive", "--prompt", "Once upon a time"];
  const plain = await triptych(...args, "--max-new-tokens", "12");
  const events = await triptych(...args, "--max-new-tokens", "12", "--json");
  const done = JSON.parse(events.out.trimEnd().split("\n").at(-1) ?? "");
  expect(plain.out).toBe(`${done.text}\n`);
});

it("run writes the same text in fewer forwards when it drafts by prompt lookup, and needs no draft model for it", async () => {
  const prompt = "Tom has a red ball. Sue has a blue ball. Tom has a red ball. Sue has";
  const done = async (...flags: string[]) => {
    const args = [
      "run",
      "--model",
      STORY,
      "--prompt",
      prompt,
      "--max-new-tokens",
      "24",
      "--json",
      "--decoder",
      ...flags,
    ];
    return JSON.parse((await triptych(...args)).out.trimEnd().split("\n").at(-1) ?? "");
  };
  const plain = await done("autoregressive");
  const fast = await done("speculative", "--drafter", "prompt-lookup");
  expect([fast.text, fast.ids]).toEqual([plain.text, plain.ids]);
  expect(fast.metrics.forwards).toBeLessThan(0.75 * plain.metrics.forwards);
});

describe("bad input is one clear line on stderr and exit code 2:", () => {
  const run = ["run", "--model", STORY, "--decoder"];
  it.each<[string, string[], RegExp]>([
    ["no command", [], /which command/],
    [
      "unknown flag",
      [...run, "autoregressive", "--prompt", "x", "--bogus", "1"],
      /unknown option .--bogus. \(triptych run --help says more\)/,
    ],
    ["unknown decoder", [...run, "magic", "--prompt", "x"], /magic.*autoregressive/],
    [
      "another decoder's option",
      [...run, "autoregressive", "--prompt", "x", "--threshold", "1"],
      /threshold is an option of block-diffusion, .* not of autoregressive/,
    ],
    ["NaN", [...run, "autoregressive", "--prompt", "x", "--temperature", "NaN"], /temperature.*NaN/],
    ["a negative count", [...run, "autoregressive", "--prompt", "x", "--max-new-tokens", "-3"], /max_new_tokens.*-3/],
    ["no prompt", [...run, "autoregressive"], /--prompt.*--ids/],
    ["no draft model", [...run, "speculative", "--prompt", "x"], /draft model/],
    [
      "an empty corpus",
      [...run, "speculative", "--drafter", "suffix", "--prompt", "x", "--corpus", ""],
      /corpus is empty/,
    ],
    [
      "another drafter's option",
      [...run, "speculative", "--prompt", "x", "--ngram-size", "3"],
      /ngram_size.*lookahead/,
    ],
    ["a missing folder", ["score", "--model", "nowhere", "--ids", "1"], /config\.json.*nowhere/],
    ["ids past the vocabulary", ["score", "--model", `${MODELS}/qwen3`, "--ids", "1,300"], /300.*0 to 299/],
    ["a word for an id", ["score", "--model", `${MODELS}/qwen3`, "--ids", "1,x"], /--ids "x"/],
    [
      "a parent that comes later",
      ["score", "--model", `${MODELS}/qwen3`, "--ids", "1,2,3", "--parents", "1,0"],
      /entry 0 is 1/,
    ],
    ["a missing text file", ["score", "--model", STORY, "--text-file", "nothing.txt"], /nothing\.txt/],
    [
      "text without a tokenizer",
      ["run", "--model", `${MODELS}/qwen3`, "--decoder", "autoregressive", "--prompt", "x"],
      /--ids/,
    ],
  ])("%s", async (_, args, message) => {
    const { code, out, err } = await triptych(...args);
    expect(err).toMatch(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect([code, out]).toEqual([2, ""]);
  });

  it("a file that broke off", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "triptych-damaged-"));
    try {
      copyFileSync(`${MODELS}/qwen3/config.json`, path.join(folder, "config.json"));
      const whole = readFileSync(`${MODELS}/qwen3/model.safetensors`);
      writeFileSync(path.join(folder, "model.safetensors"), whole.subarray(0, whole.length - 1));
      const { code, err } = await triptych("score", "--model", folder, "--ids", "1");
      expect(code).toBe(2);
      expect(err).toMatch(/^triptych: .*model\.safetensors.*\n$/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it("--help and --version are answers, not errors", async () => {
  for (const flag of ["--help", "--version"]) {
    const { code, out, err } = await triptych(flag);
    expect([code, err]).toEqual([0, ""]);
    expect(out).not.toBe("");
  }
});

it.skipIf(process.platform === "win32")("Ctrl+C ends a run as cancelled, with exit code 130", async () => {
  const args = ["--model", STORY, "--decoder", "autoregressive", "--prompt", "Once", "--max-new-tokens", "400"];
  // A bias against the end token, so that the run can't be over before it is cancelled.
  const child = spawn(process.execPath, ["scripts/cli.mjs", "run", ...args, "--logit-bias", '{"0": -100}', "--json"]);
  let out = "";
  child.stdout.on("data", (chunk) => {
    if (!out.includes('"step"') && String(chunk).includes('"step"')) child.kill("SIGINT");
    out += chunk;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(130);
  expect(JSON.parse(out.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ type: "done", reason: "cancelled" });
});

it("prints nothing that drivers print", async () => {
  // Has the Vulkan loader tell all that it does.
  const env = { ...process.env, VK_LOADER_DEBUG: "all", TRIPTYCH_ADAPTER: "any" };
  const child = spawn(process.execPath, ["scripts/cli.mjs", "score", "--model", `${MODELS}/qwen3`, "--ids", "1"], {
    env,
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => (out += chunk));
  child.stderr.on("data", (chunk) => (err += chunk));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toHaveProperty("logits");
});

it("a run ends in order where its reader has seen enough", async () => {
  const args = ["--model", "public/models/stories260k", "--decoder", "autoregressive", "--max-new-tokens", "400"];
  const child = spawn(process.execPath, ["scripts/cli.mjs", "run", ...args, "--prompt", "Once", "--json"]);
  let err = "";
  child.stderr.on("data", (chunk) => (err += chunk));
  child.stdout.once("data", () => child.stdout.destroy());
  const ended = await new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal })));
  expect({ ended, err }).toEqual({ ended: { code: 0, signal: null }, err: "" });
});
