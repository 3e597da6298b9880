import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Chat } from "../vocabulary/chat.js";
import { InvalidOptionError, ModelLoadError } from "../vocabulary/errors.js";
import { readChat } from "./chat.js";
import { loadTokenizer } from "./tokenizer.js";

/** A token a character; characters of their own stand for special tokens. */
const place = (config: Record<string, unknown>, file: string | null = null) => ({
  config,
  readTemplate: async () => file,
  encode: (text: string) => [...text].map((letter) => letter.codePointAt(0) ?? 0),
  isSpecial: (id: number) => id === 0x25a0,
});
const hi: Chat = { messages: [{ role: "user", content: "Hi" }] };
const textOf = async (chat: Chat, config: Record<string, unknown>, file?: string) =>
  (await readChat(chat, place(config, file))).text;

describe("a model's templates", () => {
  const named = [
    { name: "default", template: "D{{ messages[0].content }}" },
    { name: "tool_use", template: "T{{ tools | length }}" },
  ];

  it("are one text, a list by name, or the file that goes before both", async () => {
    expect(await textOf(hi, { chat_template: "C{{ messages[0].content }}" })).toBe("CHi");
    expect(await textOf(hi, { chat_template: named })).toBe("DHi");
    expect(await textOf({ ...hi, tools: [{}] }, { chat_template: named })).toBe("T1");
    expect(await textOf({ ...hi, chat_template: "tool_use", tools: [] }, { chat_template: named })).toBe("T0");
    expect(await textOf({ ...hi, chat_template: "{{ 'O' }}" }, { chat_template: named })).toBe("O");
    // Neither a name of its own nor a template, which would write out no message.
    for (const [own, has] of [
      [{ chat_template: named }, /which has default, tool_use\).*nor a file/],
      [{ chat_template: "C{{ messages[0].content }}" }, /which has one, without a name/],
      [{}, /which has none/],
    ] as const) {
      const reading = textOf({ ...hi, chat_template: "nothere" }, own);
      await expect(reading).rejects.toThrow(has);
      await expect(reading).rejects.toThrow('chat_template can\'t be "nothere"');
    }
    expect(await textOf(hi, { chat_template: named }, "F{{ messages[0].content }}")).toBe("FHi");
  });

  it("that aren't there, or have no default, are refused with what to do", async () => {
    await expect(textOf(hi, {})).rejects.toThrow(/has no chat template .*give one as chat_template/);
    await expect(textOf(hi, { chat_template: named.slice(1) })).rejects.toThrow(/There are tool_use/);
    await expect(textOf(hi, { chat_template: 7 })).rejects.toThrow(ModelLoadError);
    await expect(textOf(hi, { chat_template: [{ name: "default" }] })).rejects.toThrow(
      /^tokenizer_config\.json: chat_t/,
    );
    for (const none of [[], {}])
      await expect(textOf(hi, { chat_template: none })).rejects.toThrow(/has no chat template/);
    await expect(textOf(hi, { chat_template: "{% for m in messages %}{{ m }}" })).rejects.toThrow(
      /^The chat template can't be read: a block of it isn't closed\./,
    );
    await expect(textOf(hi, { chat_template: "{% for %}" })).rejects.toThrow(/^The chat template can't be read/);
  });

  it("name a token as an object, too", async () => {
    expect(await textOf(hi, { chat_template: "{{ bos_token }}{{ sep_token }}.", bos_token: { content: "<s>" } })).toBe(
      "<s>.",
    );
  });
});

describe("a chat that isn't one", () => {
  it.each<[unknown, RegExp]>([
    [{ messages: [] }, /^messages must be a list of at least one/],
    [{ messages: "Hi" }, /^messages must be a list/],
    [{ messages: ["Hi"] }, /^messages\[0\] must be \{ role, content \}/],
    [{ messages: [{ content: "Hi" }] }, /^messages\[0\]\.role must be a text/],
    [{ messages: [{ role: "user", content: 7 }] }, /^messages\[0\]\.content must be a text/],
    [
      { messages: [{ role: "user", content: [{ type: "image" }] }] },
      /^messages\[0\]\.content\[0\] is a part of type "image"/,
    ],
    [{ ...hi, max_new_tokens: 3 }, /^A chat has no "max_new_tokens"\..* options go beside the prompt/],
    [{ ...hi, tools: "all" }, /^tools must be a list/],
    [{ ...hi, add_generation_prompt: true, continue_final_message: true }, /give one/],
  ])("is refused by the place: %j", async (chat, words) => {
    const reading = textOf(chat as Chat, { chat_template: "{{ messages[0].content }}" });
    await expect(reading).rejects.toThrow(words);
    await expect(reading).rejects.toThrow(InvalidOptionError);
  });
});

describe("the end of a message", () => {
  const endOf = async (chat_template: string, chat = hi) => (await readChat(chat, place({ chat_template }))).endToken;

  it("is the special token that the template writes behind an assistant's text", async () => {
    const template = "{% for m in messages %}{{ m.role }}:{{ m.content }}■\n{% endfor %}";
    expect(await endOf(template)).toBe(0x25a0);
    expect(await endOf(template, { messages: [...hi.messages, { role: "assistant", content: "x" }] })).toBe(0x25a0);
  });

  it("is nothing where that is plain text, or the template writes no such message", async () => {
    expect(await endOf("{% for m in messages %}{{ m.content }}\n{% endfor %}")).toBeNull();
    expect(await endOf("{{ messages[0].content }}")).toBeNull();
    expect(await endOf("{% if messages | length > 1 %}{{ raise_exception('one') }}{% endif %}a")).toBeNull();
  });
});

it("a chat whose template writes BOS has it once, though the tokenizer puts one before a prompt", async () => {
  const file = new URL("../../tests/fixtures/tokenizers/bpe-llama3/tokenizer.json", import.meta.url);
  const json = JSON.parse(readFileSync(file, "utf8"));
  const [bos] = loadTokenizer(json, {}).promptIds("");
  const config = {
    bos_token: loadTokenizer(json, {}).token(bos),
    chat_template: "{{ bos_token }}{{ messages[0].content }}",
  };
  const tokenizer = loadTokenizer(json, config);
  expect(tokenizer.bosToken).toBe(bos);
  const { ids } = await tokenizer.readChat(hi);
  expect(ids).toEqual(tokenizer.promptIds("Hi"));
  expect(ids.filter((id) => id === bos)).toHaveLength(1);
});
