import type { Chat, ChatMessage } from "../vocabulary/chat.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { isFields } from "./refusal.js";

type Check = readonly [expected: string, isOne: (value: unknown) => boolean];

const LIST: Check = ["a list", (value) => value === null || Array.isArray(value)];
const FLAG: Check = ["true or false", (value) => typeof value === "boolean"];

/** What a chat may hold beside its messages. */
const PARTS: Readonly<Record<string, Check>> = {
  chat_template: ["a template's name or text", (value) => value === null || typeof value === "string"],
  chat_template_kwargs: ["an object of the template's variables", isFields],
  tools: LIST,
  documents: LIST,
  add_generation_prompt: FLAG,
  continue_final_message: FLAG,
};

/** Throws `InvalidOptionError` for a chat that isn't one: by the place, what is there and what is allowed. */
export function checkChat(chat: Chat): void {
  for (const [name, value] of Object.entries(chat)) {
    if (name === "messages" || value === undefined) continue;
    if (!Object.hasOwn(PARTS, name)) {
      throw wrong(
        `A chat has no ${JSON.stringify(name)}. Beside messages it may have ${Object.keys(PARTS).join(", ")}; a run's options go beside the prompt`,
      );
    }
    const [expected, isOne] = PARTS[name];
    if (!isOne(value)) throw wrong(`${name} must be ${expected}, got ${shown(value)}`);
  }
  const { messages, add_generation_prompt, continue_final_message } = chat;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw wrong(`messages must be a list of at least one { role, content }, got ${shown(messages)}`);
  }
  for (const [i, message] of messages.entries()) checkMessage(message, `messages[${i}]`);
  if (add_generation_prompt && continue_final_message) {
    throw wrong(
      "add_generation_prompt begins a new message and continue_final_message goes on with the last: give one",
    );
  }
}

function checkMessage(message: unknown, where: string): void {
  if (!isFields(message)) throw wrong(`${where} must be { role, content }, got ${shown(message)}`);
  const { role, content } = message;
  if (typeof role !== "string") throw wrong(`${where}.role must be a text as "user", got ${shown(role)}`);
  if (content === undefined || content === null || typeof content === "string") return;
  if (!Array.isArray(content)) {
    throw wrong(`${where}.content must be a text, or a list of { type: "text", text }, got ${shown(content)}`);
  }
  for (const [i, part] of content.entries()) {
    if (isFields(part) && part.type === "text" && typeof part.text === "string") continue;
    const what = isFields(part) && typeof part.type === "string" ? `a part of type ${shown(part.type)}` : shown(part);
    throw wrong(`${where}.content[${i}] is ${what}: only { type: "text", text } can be read here`);
  }
}

/** Names that models and servers have for what was thought before a message. */
const REASONING = ["reasoning_content", "thinking", "reasoning"];

/** A message as transformers hands it to a template: without what is null, and with its reasoning by each name that templates read. */
export function aliased(message: ChatMessage): Record<string, unknown> {
  const fields = Object.fromEntries(
    Object.entries(message).filter(([, value]) => value !== undefined && value !== null),
  );
  const name = REASONING.find((one) => Object.hasOwn(fields, one));
  return name === undefined ? fields : { thinking: fields[name], ...fields, reasoning_content: fields[name] };
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}

function wrong(message: string): InvalidOptionError {
  return new InvalidOptionError(`${message}.`, "bad_prompt");
}
