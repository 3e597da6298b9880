import type { Chat } from "../vocabulary/chat.js";
import { InvalidOptionError, ModelLoadError } from "../vocabulary/errors.js";
import { type Fields, isFields } from "./refusal.js";

/** Where a model's templates are. */
export interface TemplatePlace {
  /** The parsed tokenizer_config.json. */
  config: Fields;
  /** The text of the folder's chat_template.jinja; null where it has none. */
  readTemplate(): Promise<string | null>;
}

/** A model's templates: one, or several by name. */
type Templates = string | ReadonlyMap<string, string>;

/** The template that a chat is written out with, as transformers chooses it: named or given by the chat, else the model's for its case. */
export async function chosenTemplate({ chat_template: asked, tools }: Chat, place: TemplatePlace): Promise<string> {
  const given = asked ?? null;
  const own = await templatesOf(place);
  const isNamed = own instanceof Map && given !== null && own.has(given);
  if (given !== null && !isNamed && !/\{[{%]/.test(given)) refuseName(given, own);
  if (typeof own === "string" || own === null) {
    const chosen = given ?? own;
    if (chosen !== null) return chosen;
    throw new InvalidOptionError(
      "This model has no chat template (chat_template in tokenizer_config.json, or chat_template.jinja), so that it can't read messages: give one as chat_template, write the prompt as a text, or take a model that was tuned for chats.",
      "no_chat_template",
    );
  }
  const named = given === null ? ((tools && own.get("tool_use")) ?? own.get("default")) : (own.get(given) ?? given);
  if (named !== undefined) return named;
  const names = [...own.keys()].join(", ");
  throw new InvalidOptionError(
    `This model has several chat templates and none is called default: name one as chat_template. There are ${names}.`,
    "no_chat_template",
  );
}

/** Refuses what is neither a template's name nor one's text, which writes out no message. */
function refuseName(given: string, own: Templates | null): never {
  const has =
    own instanceof Map ? `has ${[...own.keys()].join(", ")}` : own === null ? "has none" : "has one, without a name";
  throw new InvalidOptionError(
    `chat_template can't be ${JSON.stringify(given.slice(0, 80))}: that is neither a template of this model (which ${has}), nor a template's own text, which holds {{ … }} or {% … %}; on the command line, nor a file.`,
    "no_chat_template",
  );
}

/** The folder's templates: a file of its own goes before tokenizer_config.json. */
async function templatesOf({ config, readTemplate }: TemplatePlace): Promise<Templates | null> {
  const file = await readTemplate();
  if (file !== null) return file;
  const { chat_template: own } = config;
  if (own === undefined || own === null || typeof own === "string") return own ?? null;
  const wrong = new ModelLoadError(
    "tokenizer_config.json: chat_template must be a text, or a list of { name, template }.",
    "unsupported_template",
  );
  const list: [unknown, unknown][] = isFields(own)
    ? Object.entries(own)
    : Array.isArray(own)
      ? own.map((one): [unknown, unknown] => (isFields(one) ? [one.name, one.template] : [null, null]))
      : [[null, null]];
  // A list of none.
  if (list.length === 0) return null;
  return new Map(
    list.map(([name, template]) => {
      if (typeof name !== "string" || typeof template !== "string") throw wrong;
      return [name, template];
    }),
  );
}
