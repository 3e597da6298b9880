import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import type { Chat, ChatMessage } from "../vocabulary/chat.js";
import { InvalidOptionError, ModelLoadError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import { aliased, checkChat } from "./chat-check.js";
import { chosenTemplate, type TemplatePlace } from "./chat-template.js";
import { type Fields, isFields } from "./refusal.js";
import { strftime } from "./strftime.js";

/** What a tokenizer and its files give to read chats. */
export interface ChatPlace extends TemplatePlace {
  encode(text: string): TokenId[];
  isSpecial(id: TokenId): boolean;
}

/** A chat as the model reads it. */
export interface ReadChat {
  /** As the template writes it out, special tokens and all: nothing is put before or behind it. */
  text: string;
  ids: TokenId[];
  /** The token by which the template ends an assistant's message; null where it is none that is special. */
  endToken: TokenId | null;
}

/** Stands for a message in a chat that is written out to see what comes behind it. */
const MARK = "triptych-message-7f3a";
const TAIL = "CONTINUE_FINAL_MESSAGE_TAG ";

/**
 * A chat as transformers' `apply_chat_template` writes it out, and its ids. Throws `InvalidOptionError` for what is no chat, a
 * model without a template, and what the template refuses; `ModelLoadError` for a template that can't be read.
 */
export async function readChat(chat: Chat, place: ChatPlace): Promise<ReadChat> {
  checkChat(chat);
  const template = await chosenTemplate(chat, place);
  const open = chat.continue_final_message === true;
  const text = open ? continued(chat, template, place) : rendered(chat, template, place);
  return { text, ids: place.encode(text), endToken: endTokenOf(chat, template, place) };
}

function rendered(chat: Chat, template: string, { config }: ChatPlace): string {
  const { messages, tools = null, documents = null, chat_template_kwargs, continue_final_message = false } = chat;
  const { add_generation_prompt = !continue_final_message } = chat;
  const program = programOf(template);
  const env = new Environment();
  const values = {
    ...GLOBALS,
    ...specialTokens(config),
    ...chat_template_kwargs,
    messages: messages.map(aliased),
    tools,
    documents,
    add_generation_prompt,
  };
  try {
    for (const [name, value] of Object.entries(values)) env.set(name, value);
    for (const list of listsIn(env.lookupVariable("messages"))) list.toString = refuseJoin;
    return String(new Interpreter(env).run(program).value);
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw new InvalidOptionError(
      `The model's chat template can't write out these messages: ${reasonOf(error)}. Change the messages, or give another chat_template.`,
      "bad_prompt",
    );
  }
}

/** Lists within a message: Python joins none to a text, where JavaScript would in silence. */
function listsIn(value: unknown): unknown[][] {
  const inner: unknown = (value as { value?: unknown }).value;
  if (inner instanceof Map) return [...inner.values()].flatMap(listsIn);
  return Array.isArray(inner) ? [inner, ...inner.flatMap(listsIn)] : [];
}

function refuseJoin(): never {
  throw new Error("it joins a text and a list, so give each content as one text");
}

/** The chat with its last message open, as transformers has it: what the template writes behind the message's text is cut. */
function continued(chat: Chat, template: string, place: ChatPlace): string {
  const { messages } = chat;
  const last = messages[messages.length - 1];
  const text = rendered({ ...chat, messages: [...messages.slice(0, -1), tailed(last)] }, template, place);
  const at = text.lastIndexOf(TAIL.trim());
  if (at < 0) {
    throw new InvalidOptionError(
      "continue_final_message can't be had: the model's chat template doesn't write the last message's text as it is.",
      "bad_prompt",
    );
  }
  const before = text.slice(0, at);
  // Of a template that trims messages the space before what follows is gone, too.
  return text.startsWith(TAIL, at) ? before : before.trimEnd();
}

function tailed(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (typeof content === "string") return { ...message, content: content + TAIL };
  const parts = [...(content ?? [])];
  const part = parts.pop();
  if (!part) {
    throw new InvalidOptionError("continue_final_message needs a text in the last message, to write on from.");
  }
  return { ...message, content: [...parts, { ...part, text: part.text + TAIL }] };
}

/** What the template writes behind an assistant's message, if that is a special token. */
function endTokenOf(chat: Chat, template: string, place: ChatPlace): TokenId | null {
  const { messages } = chat;
  const last = messages[messages.length - 1];
  const before = last.role === "assistant" ? messages.slice(0, -1) : messages;
  const answered = [...before, { role: "assistant", content: MARK }];
  let text: string;
  try {
    text = rendered(
      { ...chat, messages: answered, add_generation_prompt: false, continue_final_message: false },
      template,
      place,
    );
  } catch {
    // A template may refuse what isn't the run's own chat: then the config's end tokens alone count.
    return null;
  }
  const at = text.lastIndexOf(MARK);
  const [first] = at < 0 ? [] : place.encode(text.slice(at + MARK.length));
  return first !== undefined && place.isSpecial(first) ? first : null;
}

/** Parsed templates by their text: a chat is written out at every turn. */
const programs = new Map<string, ReturnType<typeof parse>>();
const MAX_PROGRAMS = 16;

function programOf(template: string): ReturnType<typeof parse> {
  const known = programs.get(template);
  if (known) return known;
  // Marks of what an assistant wrote, for training: transformers writes what is between them.
  const plain = template.replace(/\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}/g, (_, left, end, right) =>
    end ? `{%${left} endif ${right}%}` : `{%${left} if true ${right}%}`,
  );
  try {
    const program = parse(tokenize(plain, { lstrip_blocks: true, trim_blocks: true }));
    if (programs.size >= MAX_PROGRAMS) programs.clear();
    programs.set(template, program);
    return program;
  } catch (error) {
    throw new ModelLoadError(
      `The chat template can't be read: ${faultOf(error)}. Give another chat_template, or write the prompt as a text.`,
      "unsupported_template",
    );
  }
}

/** No list of a template is longer. */
const MAX_RANGE = 1_000_000;

/** What transformers gives every template. */
const GLOBALS = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  raise_exception: (message: unknown) => {
    throw new Error(String(message));
  },
  strftime_now: (format: unknown) => strftime(new Date(), String(format)),
  range: (start: number, stop?: number, step = 1) => {
    const [from, to] = stop === undefined ? [0, start] : [start, stop];
    const length = Math.max(0, Math.ceil((to - from) / step));
    if (!(length <= MAX_RANGE)) throw new Error(`range(${from}, ${to}, ${step}) is too long`);
    return Array.from({ length }, (_, i) => from + i * step);
  },
};

const TOKEN_NAMES = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"].map((name) => `${name}_token`);

/** The tokens that tokenizer_config.json names, as text. */
function specialTokens(config: Fields): Record<string, string> {
  const textOf = (token: unknown) => (isFields(token) ? token.content : token);
  const named = TOKEN_NAMES.map((name) => [name, textOf(config[name])] as const);
  return Object.fromEntries(named.filter((one): one is [string, string] => typeof one[1] === "string"));
}

/** What is wrong with a template, also where its parser meets that by surprise. */
function faultOf(error: unknown): string {
  if (error instanceof RangeError) return "it is nested too deep";
  if (error instanceof TypeError) return "a block of it isn't closed";
  return reasonOf(error);
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/[.\s]+$/, "");
}
