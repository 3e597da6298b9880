import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Chat } from "../vocabulary/chat.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { readChat } from "./chat.js";

type Fixture = {
  now: string;
  tokens: Record<string, string>;
  cases: (Chat & { name: string })[];
  goldens: { template: string; texts: Record<string, string | { error: string }> }[];
};
const folder = new URL("../../tests/fixtures/chat/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, folder), "utf8");
const { now, tokens, cases, goldens } = JSON.parse(read("goldens.json")) as Fixture;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(now) });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Where Python writes a list's source into the text, a template wasn't made for lists: here that is refused. */
const isPython = (text: string) => text.includes("[{'type': 'text'");

it.each(goldens)("a chat is written out as transformers' apply_chat_template has it: $template", async (golden) => {
  const file = read(`templates/${golden.template}`);
  const place = { config: tokens, readTemplate: async () => file, encode: () => [], isSpecial: () => false };
  for (const { name, ...chat } of cases) {
    const right = golden.texts[name];
    const ours = readChat(chat, place).then(({ text }) => text);
    if (typeof right === "string" && !isPython(right)) expect(await ours, name).toBe(right);
    else await expect(ours, name).rejects.toThrow(InvalidOptionError);
    // What the template itself says reaches the caller.
    const said = typeof right === "string" ? null : /^TemplateError: (.+)$/.exec(right.error);
    if (said) await expect(ours, name).rejects.toThrow(said[1].replace(/\.+$/, ""));
  }
});
