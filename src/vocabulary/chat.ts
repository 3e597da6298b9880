/** A part of a message. This runtime reads text alone. */
export interface ChatPart {
  readonly type: "text";
  readonly text: string;
}

/** One message of a chat. Further fields, as `tool_calls` or `reasoning_content`, are for the model's template. */
export interface ChatMessage {
  /** Who says it: `system`, `user`, `assistant`, or what else the template knows. */
  readonly role: string;
  readonly content?: string | readonly ChatPart[] | null;
  readonly [field: string]: unknown;
}

/** How a chat is written out, by the names that transformers' `apply_chat_template` has. */
export interface ChatReading {
  /** The name of one of the model's templates, or a template's own text. Default: the model's. */
  readonly chat_template?: string | null | undefined;
  /** Variables of the template, as `enable_thinking` of Qwen 3. */
  readonly chat_template_kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** JSON schemas of tools that the model may call. */
  readonly tools?: readonly unknown[] | null | undefined;
  readonly documents?: readonly unknown[] | null | undefined;
  /** The assistant's turn is begun. Default: true, unless the last message is to be continued. */
  readonly add_generation_prompt?: boolean | undefined;
  /** The last message is left open, and written on from. Default: false. */
  readonly continue_final_message?: boolean | undefined;
}

/** A chat whose next message is to be written: read as the model's own template writes it out. */
export interface Chat extends ChatReading {
  readonly messages: readonly ChatMessage[];
}

/** Whether a prompt is a chat; `messages` may still be wrong. */
export function isChat(prompt: unknown): prompt is Chat {
  return typeof prompt === "object" && prompt !== null && "messages" in prompt;
}
