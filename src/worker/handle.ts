import type { DeviceReport, ModelInfo, TextReading } from "../runtime/job.js";
import type { Chat } from "../vocabulary/chat.js";
import { invariant, TriptychError } from "../vocabulary/errors.js";
import type { DoneEvent, TokenId } from "../vocabulary/events.js";
import type { Prompt } from "../vocabulary/prompt.js";
import { checkPrompt } from "./check-prompt.js";
import type { ChatOptions, Conversation, LanguageModel, RunOptions } from "./language-model.js";
import { DEFAULT_DECODER, type DecoderName, type MeasureOptions } from "./model-options.js";
import { measureModel, releaseModel } from "./models.js";
import { eventsOf, type RunEvent } from "./run-events.js";
import { detokenizeIds, tokenizeText } from "./texts.js";

/** A reference to a model that the worker has loaded. */
export class Handle implements LanguageModel {
  readonly ref: ModelInfo["ref"];
  readonly url: string;
  readonly name: string;
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly gpuBytes: number;
  readonly weights: ModelInfo["weights"];
  readonly memory: ModelInfo["memory"];
  readonly device: ModelInfo["device"];
  readonly kernels: ModelInfo["kernels"];
  readonly load: ModelInfo["load"];
  readonly generation: ModelInfo["generation"];
  private isDisposed = false;

  constructor(info: ModelInfo) {
    this.ref = info.ref;
    this.url = info.url;
    this.name = info.name;
    this.vocabSize = info.vocabSize;
    this.maxLength = info.maxLength;
    this.gpuBytes = info.gpuBytes;
    this.weights = info.weights;
    this.memory = info.memory;
    this.device = info.device;
    this.kernels = info.kernels;
    this.load = info.load;
    this.generation = info.generation;
  }

  generate(prompt: Prompt, options?: RunOptions): AsyncGenerator<RunEvent, void, void> {
    return this.write(prompt, options);
  }

  async chat(options?: ChatOptions): Promise<Conversation> {
    this.refuseIfDisposed();
    const { conversationOf } = await import("./conversation.js");
    return conversationOf((prompt, how, conversation) => this.write(prompt, how, conversation), options);
  }

  async generateText(prompt: Prompt, options?: RunOptions): Promise<DoneEvent> {
    let last: RunEvent | undefined;
    for await (const event of this.generate(prompt, options)) last = event;
    invariant(last?.type === "done", "a run ends with done or throws");
    return last;
  }

  async measure(options: MeasureOptions = {}): Promise<DeviceReport> {
    this.refuseIfDisposed();
    return measureModel(this.ref, options);
  }

  async tokenize(text: string | Chat, options: TextReading = {}): Promise<TokenId[]> {
    this.refuseIfDisposed();
    return (await tokenizeText(this.ref, text, options)).ids;
  }

  async detokenize(ids: readonly TokenId[]): Promise<string> {
    this.refuseIfDisposed();
    return detokenizeIds(this.ref, ids);
  }

  async count(text: string | Chat, options?: TextReading): Promise<number> {
    return (await this.tokenize(text, options)).length;
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    await releaseModel(this.ref);
  }

  private async *write(
    prompt: Prompt,
    { decoder = DEFAULT_DECODER, draft, signal, ...options }: RunOptions & { decoder?: DecoderName } = {},
    conversation?: string,
  ): AsyncGenerator<RunEvent, void, void> {
    this.refuseIfDisposed();
    checkPrompt(prompt);
    yield* eventsOf({ model: this.ref, draft: draft?.ref, decoder, prompt, options, conversation }, signal);
  }

  private refuseIfDisposed(): void {
    if (!this.isDisposed) return;
    throw new TriptychError("disposed", `This handle of ${this.name} was disposed of. Call load() again.`);
  }
}
