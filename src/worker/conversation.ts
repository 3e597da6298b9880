import type { ChatMessage } from "../vocabulary/chat.js";
import { InvalidOptionError, invariant } from "../vocabulary/errors.js";
import type { Prompt } from "../vocabulary/prompt.js";
import type { ChatOptions, Conversation, RunOptions } from "./language-model.js";
import type { RunEvent } from "./run-events.js";

/** Writes on from a chat, as a turn of the conversation of this name. */
type Write = (prompt: Prompt, options: RunOptions, name: string) => AsyncGenerator<RunEvent, void, void>;

/** A conversation whose turns `write` writes. */
export function conversationOf(write: Write, { system, messages = [], ...reading }: ChatOptions = {}): Conversation {
  const name = Math.random().toString(36).slice(2);
  const said: ChatMessage[] = [...(system === undefined ? [] : [{ role: "system", content: system }]), ...messages];
  let isBusy = false;
  async function* send(message: string | ChatMessage, options: RunOptions = {}): AsyncGenerator<RunEvent, void, void> {
    if (isBusy)
      throw new InvalidOptionError("A turn of this conversation is on its way: wait until it has ended.", "busy");
    isBusy = true;
    const turn = typeof message === "string" ? { role: "user", content: message } : message;
    let answer: string | null = null;
    try {
      for await (const event of write({ ...reading, messages: [...said, turn] }, options, name)) {
        // An answer may be empty; one that was ended before it began is none.
        const isEnded = event.type === "done" && event.reason !== "cancelled";
        answer = event.text === "" && !isEnded ? null : event.text;
        yield event;
      }
    } catch (error) {
      answer = null;
      throw error;
    } finally {
      isBusy = false;
      if (answer !== null) said.push(turn, { role: "assistant", content: answer });
    }
  }
  return {
    get messages() {
      return [...said];
    },
    send,
    async sendText(message, options) {
      let last: RunEvent | undefined;
      for await (const event of send(message, options)) last = event;
      invariant(last?.type === "done", "a run ends with done or throws");
      return last;
    },
  };
}
