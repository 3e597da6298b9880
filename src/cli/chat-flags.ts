import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { type Chat, type ChatMessage, isChat } from "../vocabulary/chat.js";
import { InvalidOptionError } from "../vocabulary/errors.js";

/** A chat on the command line, as written. */
export interface ChatFlags {
  system?: string;
  /** Turns of user and assistant, one after the other. */
  message?: readonly string[];
  /** A file with messages. */
  messages?: string;
  /** The name of a template, or a file that holds one. */
  chatTemplate?: string;
  chatTemplateKwargs?: string;
}

/** Adds the flags that say how chats are written out. */
export function addTemplateFlags(command: Command): Command {
  return command
    .option("--system <text>", "system prompt of the chat")
    .option("--chat-template <name>", "one of the model's templates, or a file with one (default: the model's)")
    .option("--chat-template-kwargs <json>", 'variables of the template, as {"enable_thinking": false}');
}

/** Adds the flags of a prompt that is a chat. */
export function addChatFlags(command: Command): Command {
  command
    .option(
      "--message <text>",
      "prompt as a chat: what the user says; given again, the assistant's and the user's next turns",
      (text: string, before: string[] | undefined) => [...(before ?? []), text],
    )
    .option("--messages <file>", "prompt as a chat: a JSON list of { role, content }");
  return addTemplateFlags(command);
}

/** The chat that flags give; null where they give none. */
export async function chatOf(flags: ChatFlags): Promise<Chat | null> {
  const { system, message, messages: file } = flags;
  if (message === undefined && file === undefined) {
    const [alone] = Object.entries({
      "--system": system,
      "--chat-template": flags.chatTemplate,
      "--chat-template-kwargs": flags.chatTemplateKwargs,
    }).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
    if (alone !== undefined) throw new InvalidOptionError(`${alone} goes with --message or --messages.`);
    return null;
  }
  if (message !== undefined && file !== undefined)
    throw new InvalidOptionError("Give the chat as --message TEXT or as --messages FILE: one of them.");
  const spoken = message?.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content }));
  const chat = spoken ? { messages: spoken } : await readMessages(file as string);
  return { ...chat, ...(await templateOf(flags)), messages: [...systemOf(flags), ...chat.messages] };
}

/** The system prompt as a message, if there is one. */
export function systemOf({ system }: ChatFlags): ChatMessage[] {
  return system === undefined ? [] : [{ role: "system", content: system }];
}

/** How the flags have a chat written out. */
export async function templateOf({ chatTemplate, chatTemplateKwargs }: ChatFlags): Promise<Omit<Chat, "messages">> {
  const kwargs = chatTemplateKwargs === undefined ? undefined : parsed("--chat-template-kwargs", chatTemplateKwargs);
  // What is no file is a template's name.
  const template = chatTemplate && (await readFile(chatTemplate, "utf8").catch(() => chatTemplate));
  return { chat_template: template, chat_template_kwargs: kwargs as Chat["chat_template_kwargs"] };
}

async function readMessages(file: string): Promise<Chat> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "no such file" : String(error.code);
    throw new InvalidOptionError(`--messages ${file} can't be read (${reason}).`);
  });
  const value = parsed(`--messages ${file}`, text);
  if (Array.isArray(value)) return { messages: value };
  if (isChat(value) && Array.isArray(value.messages)) return value;
  throw new InvalidOptionError(`--messages ${file} holds no list of { role, content }.`);
}

function parsed(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidOptionError(`${what} can't be read as JSON (${error instanceof Error ? error.message : error}).`);
  }
}
