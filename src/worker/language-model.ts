import type { DeviceReport, ModelInfo, TextReading } from "../runtime/job.js";
import type { DoneEvent, TokenId } from "../vocabulary/events.js";
import type { Chat, ChatMessage, ChatReading } from "../vocabulary/chat.js";
import type { Prompt } from "../vocabulary/prompt.js";
import type { DecoderOptions } from "./decoder-options.js";
import type { DEFAULT_DECODER, DecoderName, MeasureOptions, Spelt } from "./model-options.js";
import type { RunEvent } from "./run-events.js";

/** What a run takes beside its decoder's options. */
export interface RunOptions {
  /** The model that drafts or weighs candidates, for decoders that need one. */
  draft?: LanguageModel | undefined;
  /** Aborting ends the run with a `done` event of reason `cancelled`. */
  signal?: AbortSignal | undefined;
}

/** A decoder's options by the field's names, in snake_case or camelCase, with the decoder itself, which `autoregressive` needn't name. */
export type OptionsOf<Decoder extends DecoderName> = RunOptions & { decoder?: Decoder } & Spelt<
    DecoderOptions[Decoder]
  >;

/** Which decoder writes, with its options: default `autoregressive`. `listDecoders()` has each option's limits. */
export type GenerateOptions = {
  [Decoder in DecoderName]: OptionsOf<Decoder> &
    (Decoder extends typeof DEFAULT_DECODER ? unknown : { decoder: Decoder });
}[DecoderName];

/** A model that is loaded in the page's worker. All copies of one URL share its weights. */
export interface LanguageModel extends Readonly<ModelInfo> {
  /**
   * Writes on from `prompt` (text, token ids as they are, or a chat: `{ messages }`) and yields events as they come; the last one is `done`.
   * The run starts at the first pull; leaving the loop cancels it. Throws typed errors (`InvalidOptionError`, …).
   */
  generate<Decoder extends DecoderName = typeof DEFAULT_DECODER>(
    prompt: Prompt,
    options?: OptionsOf<Decoder>,
  ): AsyncGenerator<RunEvent, void, void>;
  /** Writes on from `prompt` and resolves with the `done` event: `{ text, ids, reason, metrics }`. */
  generateText<Decoder extends DecoderName = typeof DEFAULT_DECODER>(
    prompt: Prompt,
    options?: OptionsOf<Decoder>,
  ): Promise<DoneEvent>;
  /**
   * Measures the device's limits and what this model's forwards cost by their number of rows, in turn with runs: half a
   * second on a GPU, three on a software adapter. The first result stays, unless `again`. Runs with
   * `num_assistant_tokens_schedule: "adaptive"` measure by themselves.
   */
  measure(options?: MeasureOptions): Promise<DeviceReport>;
  /** The ids of a text, with `special` also those that are put around a prompt, as BOS; or of a chat, as its template writes it out. */
  tokenize(text: string | Chat, options?: TextReading): Promise<TokenId[]>;
  /** The text of ids, special tokens included: of `tokenize` the text, where the tokenizer keeps all of it. */
  detokenize(ids: readonly TokenId[]): Promise<string>;
  /** How many tokens a text has, with `special` as a prompt; or a chat. */
  count(text: string | Chat, options?: TextReading): Promise<number>;
  /** A conversation with this model, by its chat template: each turn reads what is new, and the rest stays in the cache. */
  chat(options?: ChatOptions): Promise<Conversation>;
  /** Gives this handle's reference back; the last one frees the weights. Calling it twice does nothing. */
  dispose(): Promise<void>;
}

/** How a conversation begins, and how its chats are written out. */
export interface ChatOptions extends Omit<ChatReading, "add_generation_prompt" | "continue_final_message"> {
  /** What the model is told before the first turn, where its template knows a system prompt. */
  system?: string | undefined;
  /** Turns that were spoken already. */
  messages?: readonly ChatMessage[] | undefined;
}

/** Several turns with one model, whose cache keeps what was read from one turn to the next. */
export interface Conversation {
  /** All that was said, the system prompt first: a copy. */
  readonly messages: readonly ChatMessage[];
  /**
   * Says something and yields the events of the answer; the last one is `done`. Leaving the loop ends the answer, which stays as it is
   * then. A turn that fails, or is ended before there is any text, leaves the conversation as it was.
   */
  send<Decoder extends DecoderName = typeof DEFAULT_DECODER>(
    message: string | ChatMessage,
    options?: OptionsOf<Decoder>,
  ): AsyncGenerator<RunEvent, void, void>;
  /** Says something and resolves with the answer's `done` event. */
  sendText<Decoder extends DecoderName = typeof DEFAULT_DECODER>(
    message: string | ChatMessage,
    options?: OptionsOf<Decoder>,
  ): Promise<DoneEvent>;
}
