import { expect, it } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { DoneEvent } from "../vocabulary/events.js";
import { conversationOf } from "./conversation.js";
import type { RunEvent } from "./run-events.js";

type Asked = { prompt: unknown; options: unknown; name: string };

/** A model that answers with these texts in turn, each growing by halves; an error is thrown behind the first half. */
function answering(...answers: (string | Error | "cancelled")[]) {
  const asked: Asked[] = [];
  async function* write(prompt: unknown, options: unknown, name: string): AsyncGenerator<RunEvent, void, void> {
    asked.push({ prompt, options, name });
    const answer = answers[asked.length - 1];
    yield { type: "step", text: answer === "cancelled" ? "" : "ha" } as RunEvent;
    if (answer instanceof Error) throw answer;
    const isCancelled = answer === "cancelled";
    const text = isCancelled ? "" : answer;
    yield { type: "done", text, reason: isCancelled ? "cancelled" : "stop" } as DoneEvent;
  }
  return { write, asked };
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

it("asks with all that was said, as turns of one conversation, and the options of each turn", async () => {
  const { write, asked } = answering("half", "whole");
  const template = { chat_template_kwargs: { enable_thinking: false } };
  const chat = conversationOf(write, { system: "Be", messages: [user("a"), assistant("b")], ...template });
  expect((await chat.sendText("one", { max_new_tokens: 3 })).text).toBe("half");
  await chat.sendText({ role: "tool", content: "two" });
  const before = [{ role: "system", content: "Be" }, user("a"), assistant("b")];
  const first = [...before, user("one")];
  const second = [...first, assistant("half"), { role: "tool", content: "two" }];
  expect(asked.map(({ prompt }) => prompt)).toEqual([
    { messages: first, ...template },
    { messages: second, ...template },
  ]);
  expect(asked[0].options).toEqual({ max_new_tokens: 3 });
  expect(asked[0].name).toBe(asked[1].name);
  expect(chat.messages).toEqual([...second, assistant("whole")]);
  expect(conversationOf(write).messages).toEqual([]);
});

it("stays as it was when a turn fails or is ended before its text, and keeps an answer that the loop left, or that is empty", async () => {
  const { write } = answering(new Error("no"), "cancelled", "half", "");
  const chat = conversationOf(write);
  await expect(chat.sendText("a")).rejects.toThrow("no");
  await chat.sendText("b");
  expect(chat.messages).toEqual([]);
  for await (const _ of chat.send("c")) break;
  expect(chat.messages).toEqual([user("c"), assistant("ha")]);
  await chat.sendText("d");
  expect(chat.messages.slice(2)).toEqual([user("d"), assistant("")]);
});

it("refuses a second turn while one is on its way", async () => {
  const { write } = answering("half");
  const chat = conversationOf(write);
  const turn = chat.send("a");
  await turn.next();
  await expect(chat.sendText("b")).rejects.toThrow(InvalidOptionError);
  await turn.return();
  expect(chat.messages).toEqual([user("a"), assistant("ha")]);
});
