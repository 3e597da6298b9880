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
