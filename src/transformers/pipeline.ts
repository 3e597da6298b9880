import { InvalidOptionError } from "../vocabulary/errors.js";
import type { LanguageModel } from "../worker/language-model.js";
import { load } from "../worker/load.js";
import type { LoadOptions } from "../worker/model-options.js";
import { type CallOptions, type ReadPrompt, runText } from "./run-text.js";

/** One message of a chat. */
export interface Message {
  role: string;
  content: string;
}

/** A tokenizer of transformers.js, for its chat template. */
export interface ChatTokenizer {
  apply_chat_template(messages: Message[], options: Record<string, unknown>): unknown;
}

/** How a pipeline loads: transformers.js's names, and those of `load` of `triptych-lm`. */
export interface PipelineOptions
  extends Omit<LoadOptions, "onProgress" | "weights" | "dtype" | "device" | "tokenizer"> {
  /**
   * How weights are kept: as they are stored (`"auto"`, the default), or rounded to 8 (`"q8"`) or 4 bits (`"q4"`), as a folder of ONNX files
   * alone has them; any other word names an ONNX file.
   */
  dtype?: "auto" | LoadOptions["dtype"] | null;
  /** What computes, as `load` has it. Default: `"auto"`. */
  device?: LoadOptions["device"] | null;
  progress_callback?: (progress: PipelineProgress) => void;
  /** A tokenizer of transformers.js, whose chat template goes before the folder's. Default: none. */
  tokenizer?: ChatTokenizer;
}

/** How far a load has come, in the form of transformers.js. `total` is 0 where the server doesn't say. */
export interface PipelineProgress {
  status: "progress" | "ready";
  name: string;
  loaded: number;
  total: number;
  /** Percent. */
  progress: number;
}

/** What a text-generation pipeline gives for one prompt. */
export type Generated<Prompt> = Prompt extends string ? [{ generated_text: string }] : [{ generated_text: Message[] }];

/** What a call may have: `docs/transformers.md` lists it. */
export interface PipelineCallOptions extends CallOptions {
  /** The prompt's text before what was written. Default: true; a chat's answer is always alone. */
  return_full_text?: boolean;
  tools?: unknown[] | null;
  documents?: unknown[] | null;
  chat_template?: string | null;
}

/** A text-generation pipeline. It is called with a text, a chat, or a list of either, which are written one after another. */
export interface TextGenerationPipeline {
  <Prompt extends string | Message[]>(prompt: Prompt, options?: PipelineCallOptions): Promise<Generated<Prompt>>;
  <Prompt extends string | Message[]>(prompts: Prompt[], options?: PipelineCallOptions): Promise<Generated<Prompt>[]>;
  readonly task: "text-generation";
  readonly model: LanguageModel;
  readonly tokenizer: ChatTokenizer | null;
  dispose(): Promise<void>;
}

/** transformers.js's default for a pipeline. */
const MAX_NEW_TOKENS = 256;
const ROUNDINGS = ["q8", "q4"];
const FILES = ["fp32", "fp16", "int8", "uint8", "q4f16", "bnb4"];

/**
 * transformers.js's `pipeline("text-generation", …)` on Triptych: the same names, another engine. `model` is the URL of a model folder
 * (safetensors, not ONNX), or a model that is loaded. Throws `InvalidOptionError` by the name of what can't be had.
 */
export async function pipeline(
  task: "text-generation",
  model: string | URL | LanguageModel,
  options: PipelineOptions = {},
): Promise<TextGenerationPipeline> {
  if (task !== "text-generation")
    throw new InvalidOptionError(`pipeline: the task "${String(task)}" can't be had here, only "text-generation".`);
  const { tokenizer = null, ...how } = options;
  const loaded = typeof model === "string" || model instanceof URL ? await loadFor(model, how) : model;
  const call = async (prompts: string | Message[] | (string | Message[])[], given: PipelineCallOptions = {}) => {
    if (typeof prompts === "string" || isChat(prompts)) return [await writeOn(loaded, tokenizer, prompts, given)];
    if (!Array.isArray(prompts) || !prompts.every((one) => typeof one === "string" || isChat(one)))
      throw new InvalidOptionError(
        "A prompt is a text, a chat ({ role, content } each), or a list of either.",
        "bad_prompt",
      );
    const all = [];
    for (const prompt of prompts) all.push([await writeOn(loaded, tokenizer, prompt, given)]);
    return all;
  };
  const facts = { task, model: loaded, tokenizer, dispose: () => loaded.dispose() };
  return Object.assign(call, facts) as unknown as TextGenerationPipeline;
}

async function loadFor(url: string | URL, options: PipelineOptions): Promise<LanguageModel> {
  const { dtype, device, progress_callback: report, tokenizer, ...how } = options;
  const kept = dtype ?? "auto";
  if (!["auto", ...ROUNDINGS, ...FILES].includes(kept))
    throw new InvalidOptionError(
      `dtype: "${kept}" can't be had here. Weights stay as the folder has them ("auto"), are rounded to "q8" or "q4", or are those of an ONNX file: ${FILES.join(", ")}.`,
    );
  const way = ROUNDINGS.includes(kept) ? "weights" : FILES.includes(kept) ? "dtype" : null;
  const name = String(url);
  const last = { loaded: 0, total: 0 };
  const onProgress: LoadOptions["onProgress"] = ({ loadedBytes, totalBytes }) => {
    Object.assign(last, { loaded: loadedBytes, total: totalBytes ?? 0 });
    report?.({ status: "progress", name, ...last, progress: totalBytes ? (100 * loadedBytes) / totalBytes : 0 });
  };
  const model = await load(url, { ...how, device: device ?? undefined, ...(way && { [way]: kept }), onProgress });
  report?.({ status: "ready", name, ...last, progress: 100 });
  return model;
}

function isChat(prompt: unknown): prompt is Message[] {
  const isMessage = (one: unknown) => typeof one === "object" && one !== null && "role" in one && "content" in one;
  return Array.isArray(prompt) && prompt.length > 0 && prompt.every(isMessage);
}

async function writeOn(
  model: LanguageModel,
  tokenizer: ChatTokenizer | null,
  prompt: string | Message[],
  given: PipelineCallOptions,
): Promise<{ generated_text: string | Message[] }> {
  const { return_full_text: isWhole = true, tools, documents, chat_template, ...options } = given;
  const call = { max_new_tokens: MAX_NEW_TOKENS, ...options };
  if (typeof prompt === "string") {
    const ids = await model.tokenize(prompt, { special: true });
    const { text } = await runText(model, { text: prompt, ids }, call);
    return { generated_text: isWhole ? prompt + text : text };
  }
  const read = await readChat(model, tokenizer, prompt, { tools, documents, chat_template });
  const { text } = await runText(model, read, call);
  return { generated_text: [...prompt, { role: "assistant", content: text }] };
}

async function readChat(
  model: LanguageModel,
  tokenizer: ChatTokenizer | null,
  messages: Message[],
  parts: Record<string, unknown>,
): Promise<ReadPrompt> {
  if (!tokenizer) {
    const chat = { ...parts, messages: messages.map((message) => ({ ...message })) };
    const ids = await model.tokenize(chat);
    return { prompt: chat, ids, text: await model.detokenize(ids) };
  }
  const given = Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
  const text = String(
    tokenizer.apply_chat_template(messages, { tokenize: false, add_generation_prompt: true, ...given }),
  );
  // The template has written BOS and the like itself.
  const ids = await model.tokenize(text);
  return { text, ids };
}
