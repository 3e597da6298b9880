import { afterEach, describe, expect, it, vi } from "vitest";
import { runCommand } from "./command.js";

/** What a command prints, and its exit code. */
async function printed(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    texts.out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    texts.err += String(text);
    return true;
  });
  const code = await runCommand(["tokens", ...args]);
  return { code, ...texts };
}

afterEach(() => vi.restoreAllMocks());

const story = ["--model", "public/models/story-ar"];

describe("triptych tokens", () => {
  it("prints ids and pieces, which joined give the text, without a device", async () => {
    const { code, out } = await printed(...story, "--prompt", "Tom's 🙂", "--json");
    const { ids, pieces, ...rest } = JSON.parse(out);
    expect([code, rest]).toEqual([0, {}]);
    expect(ids.slice(0, 2)).toEqual([1350, 370]);
    expect(pieces).toHaveLength(ids.length);
    expect(pieces.join("")).toBe("Tom's 🙂");
  });

  it("prints a line a token else, and with --special what is put around a prompt", async () => {
    expect((await printed(...story, "--prompt", "Tom has", "--special")).out).toBe(
      '   0  ""\n1350  "Tom"\n 776  " has"\n3 tokens\n',
    );
  });

  it("says what it needs", async () => {
    expect(await printed(...story)).toMatchObject({ code: 2, err: expect.stringMatching(/needs --prompt TEXT/) });
    expect(await printed("--model", "nowhere", "--prompt", "a")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/tokenizer\.json is missing in nowhere/),
    });
  });
});

describe("triptych tokens --compare", () => {
  const compare = (other: string, ...more: string[]) => printed(...story, "--compare", other, ...more);

  it("says that models share a vocabulary, a diffusion model's mask apart", async () => {
    expect(await compare("public/models/story-diffusion")).toMatchObject({
      code: 0,
      out: "story-diffusion shares story-ar's vocabulary: 4096 tokens in common.\n",
    });
  });

  it("says how many ids differ, which first, and what runs all the same", async () => {
    const { out } = await compare("public/models/stories260k");
    expect(out).toMatch(
      /^stories260k doesn't share story-ar's vocabulary: of 512 ids that both have, 512 stand for others: 0 for "<unk>", not "<\|endoftext\|>"; .*… As|of 512 ids that both have, \d+ stand for others: 0 for /,
    );
    expect(out).toMatch(/As a draft model it runs by the drafter retokenized/);
    const report = JSON.parse((await compare("public/models/stories260k", "--json")).out);
    expect(report).toMatchObject({ target: "story-ar", beside: "stories260k", isShared: false });
    expect(report.examples[0]).toEqual({ id: 0, own: "<|endoftext|>", other: "<unk>" });
    expect(report.numShared + report.numDifferent + report.numOwnOnly).toBe(4096);
  });

  it("is refused beside a text, and asks how a diffusion model reads whose folder doesn't say", async () => {
    const text = await compare("public/models/story-draft", "--prompt", "a");
    expect(text).toMatchObject({ code: 2, err: expect.stringMatching(/leave --prompt and --message out/) });
    const silent = await compare("tests/fixtures/masked/a2d-qwen3");
    expect(silent).toMatchObject({ code: 2, err: expect.stringMatching(/give blockLength \(--trained-block\)/) });
    const told = await compare("tests/fixtures/masked/a2d-qwen3", "--trained-block", "32");
    expect(told).toMatchObject({ code: 0, out: expect.stringMatching(/Nothing takes it beside this target/) });
  });
});

describe("triptych tokens of a chat", () => {
  const template = [
    "--chat-template",
    "{{ bos_token }}{% for m in messages %}{{ m.role[0] }}:{{ m.content }};{% endfor %}",
  ];
  const pieces = async (...args: string[]) =>
    JSON.parse((await printed(...story, ...args, "--json")).out).pieces.join("");

  it("has turns of user and assistant behind the system prompt, as the template writes them", async () => {
    const turns = ["--system", "Be", "--message", "one", "--message", "two", "--message", "three"];
    expect(await pieces(...turns, ...template)).toBe("<|endoftext|>s:Be;u:one;a:two;u:three;");
  });

  it("is refused beside a text, and without a template", async () => {
    const both = await printed(...story, "--prompt", "a", "--message", "b");
    expect(both).toMatchObject({ code: 2, err: expect.stringMatching(/leave --prompt and --special out/) });
    const none = await printed(...story, "--message", "b");
    expect(none).toMatchObject({ code: 2, err: expect.stringMatching(/has no chat template/) });
    const alone = await printed(...story, "--system", "b");
    expect(alone).toMatchObject({ code: 2, err: expect.stringMatching(/--system goes with --message/) });
  });
});
