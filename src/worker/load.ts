import type { DeviceReport, ModelInfo, TextReading } from "../runtime/job.js";
import { AUTO, namedDevice, PAGE_DEVICES } from "../vocabulary/device.js";
import { invariant, TriptychError } from "../vocabulary/errors.js";
import type { DoneEvent, TokenId } from "../vocabulary/events.js";
import type { Prompt } from "../vocabulary/prompt.js";
import { checkPrompt } from "./check-prompt.js";
import type { LanguageModel, RunOptions } from "./language-model.js";
import { DEFAULT_DECODER, type DecoderName, type LoadOptions, type MeasureOptions } from "./model-options.js";
import { modelRef, modelUrl } from "./model-url.js";
import { measureModel, releaseModel, takeModel } from "./models.js";
import { eventsOf, type RunEvent } from "./run-events.js";
import { detokenizeIds, tokenizeText } from "./texts.js";
import { checkPlace } from "./worker-place.js";

/** Loads the model folder at `url` (Hugging Face layout; relative URLs are the page's) on the page's one worker. */
export async function load(
  url: string | URL,
  { context, blockLength, weights, kvCache, dtype, head, adapter, tune, debug, device, ...options }: LoadOptions = {},
): Promise<LanguageModel> {
  if (device !== undefined && device !== AUTO) namedDevice(device, PAGE_DEVICES);
  checkPlace();
  const folders = { head: head && modelUrl(head), adapter: adapter && modelUrl(adapter) };
  const how = { context, blockLength, weights, kvCache, dtype, tune, debug, device, ...folders };
  return new Handle(await takeModel(modelRef(url, how), options));
}

class Handle implements LanguageModel {
  readonly ref: ModelInfo["ref"];
  readonly url: string;
  readonly name: string;
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly gpuBytes: number;
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
    this.device = info.device;
    this.kernels = info.kernels;
    this.load = info.load;
    this.generation = info.generation;
  }

  async *generate(
    prompt: Prompt,
    { decoder = DEFAULT_DECODER, draft, signal, ...options }: RunOptions & { decoder?: DecoderName } = {},
  ): AsyncGenerator<RunEvent, void, void> {
    this.refuseIfDisposed();
    checkPrompt(prompt);
    yield* eventsOf({ model: this.ref, draft: draft?.ref, decoder, prompt, options }, signal);
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

  async tokenize(text: string, options: TextReading = {}): Promise<TokenId[]> {
    this.refuseIfDisposed();
    return (await tokenizeText(this.ref, text, options)).ids;
  }

  async detokenize(ids: readonly TokenId[]): Promise<string> {
    this.refuseIfDisposed();
    return detokenizeIds(this.ref, ids);
  }

  async count(text: string, options?: TextReading): Promise<number> {
    return (await this.tokenize(text, options)).length;
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    await releaseModel(this.ref);
  }

  private refuseIfDisposed(): void {
    if (!this.isDisposed) return;
    throw new TriptychError("disposed", `This handle of ${this.name} was disposed of. Call load() again.`);
  }
}
