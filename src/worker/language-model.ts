import { InvalidOptionError, invariant, TriptychError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent, LiveEvent, TokenId } from "../vocabulary/events.js";
import { TextSoFar } from "../vocabulary/text-so-far.js";
import type { DecoderOptions } from "./decoder-options.js";
import type { TextReading } from "../tokenizer/text-tokens.js";
import {
  checkPlace,
  detokenizeIds,
  type DeviceReport,
  type LoadProgress,
  type MeasureProgress,
  measureModel,
  type ModelInfo,
  modelUrl,
  modelRef,
  releaseModel,
  startRun,
  takeModel,
  tokenizeText,
} from "./client.js";

/**
 * What a `for await` over a run yields; a run that fails throws instead of yielding an `error` event. `text` is the completion as far
 * as it is certain: it only grows, whatever order the decoder writes in. What is open or may still change is in `edits`.
 */
export type RunEvent = (LiveEvent & { text: string }) | DoneEvent;

/** How to load. */
export interface LoadOptions {
  /** Aborting rejects with its reason; the download stops unless someone else waits for the same model. */
  signal?: AbortSignal;
  onProgress?: (progress: LoadProgress) => void;
  /** Longest sequence to make room for, in tokens; default: what the model allows, at most 2,048. */
  context?: number;
  /** How a model that fills masks reads, where its config doesn't say: in blocks of this length, or its whole canvas. */
  blockLength?: number | "full";
  /** Rounds the weights at load to 8 or 4 bits (blocks of 32; approximate); `-int8` also rounds activations to 8 bits in products. Default: the file's own. */
  weights?: "q8" | "q4" | "q8-int8" | "q4-int8";
  /** Folder of a head that was trained for this model (relative URLs are the page's): an EAGLE head for the drafter `eagle`, a joint sampler for `joint_steps`, or a policy for `block_rule`. */
  head?: string | URL;
  /** Folder of an adapter with mask tokens that was trained for this model: the drafter `mtp` uses it. */
  adapter?: string | URL;
  /**
   * Times the kernels that suit this adapter, on random weights of this model's shape, before the load, and keeps the
   * fastest for later loads (a second or two; nothing on a software adapter). Default: what was measured before, else
   * the adapter's default.
   */
  tune?: boolean;
  /** Looks behind each layer whether its numbers are finite, so that a model which fails says where; slower. Default: false. */
  debug?: boolean;
}

/** A decoder's name. */
export type DecoderName = keyof DecoderOptions;

type CamelCase<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Name;

/** Each option by its snake_case or its camelCase name; `undefined` counts as not given. */
type Spelt<Options> = { [Name in keyof Options]?: Options[Name] | undefined } & {
  [Name in keyof Options as CamelCase<Name>]?: Options[Name] | undefined;
};

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
  [Decoder in DecoderName]: OptionsOf<Decoder> & (Decoder extends "autoregressive" ? unknown : { decoder: Decoder });
}[DecoderName];

/** How to measure. */
export interface MeasureOptions {
  /** Aborting rejects with its reason. */
  signal?: AbortSignal;
  onProgress?: (progress: MeasureProgress) => void;
  again?: boolean;
}

/** A model that is loaded in the page's worker. All copies of one URL share its weights. */
export interface LanguageModel extends Readonly<ModelInfo> {
  /**
   * Writes on from `prompt` (text, or token ids as they are) and yields events as they come; the last one is `done`.
   * The run starts at the first pull; leaving the loop cancels it. Throws typed errors (`InvalidOptionError`, …).
   */
  generate<Decoder extends DecoderName = "autoregressive">(
    prompt: string | readonly TokenId[],
    options?: OptionsOf<Decoder>,
  ): AsyncGenerator<RunEvent, void, void>;
  /** Writes on from `prompt` and resolves with the `done` event: `{ text, ids, reason, metrics }`. */
  generateText<Decoder extends DecoderName = "autoregressive">(
    prompt: string | readonly TokenId[],
    options?: OptionsOf<Decoder>,
  ): Promise<DoneEvent>;
  /**
   * Measures the device's limits and what this model's forwards cost by their number of rows, in turn with runs: half a
   * second on a GPU, three on a software adapter. The first result stays, unless `again`. Runs with
   * `num_assistant_tokens_schedule: "adaptive"` measure by themselves.
   */
  measure(options?: MeasureOptions): Promise<DeviceReport>;
  /** The ids of a text; with `special` also those that are put around a prompt, as BOS. */
  tokenize(text: string, options?: TextReading): Promise<TokenId[]>;
  /** The text of ids, special tokens included: of `tokenize` the text, where the tokenizer keeps all of it. */
  detokenize(ids: readonly TokenId[]): Promise<string>;
  /** How many tokens a text has; with `special` as a prompt. */
  count(text: string, options?: TextReading): Promise<number>;
  /** Gives this handle's reference back; the last one frees the weights. Calling it twice does nothing. */
  dispose(): Promise<void>;
}

/** Loads the model folder at `url` (Hugging Face layout; relative URLs are the page's) on the page's one GPU worker. */
export async function load(
  url: string | URL,
  { context, blockLength, weights, head, adapter, tune, debug, ...options }: LoadOptions = {},
): Promise<LanguageModel> {
  checkPlace();
  const folders = { head: head && modelUrl(head), adapter: adapter && modelUrl(adapter) };
  const how = { context, blockLength, weights, tune, debug, ...folders };
  return new Handle(await takeModel(modelRef(url, how), options));
}

class Handle implements LanguageModel {
  readonly ref: ModelInfo["ref"];
  readonly url: string;
  readonly name: string;
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly gpuBytes: number;
  readonly kernels: ModelInfo["kernels"];
  readonly load: ModelInfo["load"];
  private isDisposed = false;

  constructor(info: ModelInfo) {
    this.ref = info.ref;
    this.url = info.url;
    this.name = info.name;
    this.vocabSize = info.vocabSize;
    this.maxLength = info.maxLength;
    this.gpuBytes = info.gpuBytes;
    this.kernels = info.kernels;
    this.load = info.load;
  }

  async *generate(
    prompt: string | readonly TokenId[],
    { decoder = "autoregressive", draft, signal, ...options }: RunOptions & { decoder?: DecoderName } = {},
  ): AsyncGenerator<RunEvent, void, void> {
    this.refuseIfDisposed();
    checkPrompt(prompt);
    const soFar = new TextSoFar();
    const queue: GenerationEvent[] = [];
    let wake = () => {};
    const run = startRun({ model: this.ref, draft: draft?.ref, decoder, prompt, options }, (events) => {
      queue.push(...events);
      wake();
    });
    const end = { isOver: false, error: null as unknown };
    const ended = run.done
      .then(
        () => {},
        (error: unknown) => {
          end.error = error;
        },
      )
      .then(() => {
        end.isOver = true;
        wake();
      });
    const onAbort = () => run.cancel();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) run.cancel();
    try {
      while (!end.isOver || queue.length > 0) {
        const event = queue.shift();
        if (event?.type === "done") yield event;
        // The event is this run's own copy.
        else if (event && event.type !== "error") yield Object.assign(event, { text: soFar.after(event) });
        else if (!event) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
      if (end.error) throw end.error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      if (!end.isOver) run.cancel();
      // Its sessions must be free before the caller's next run.
      await ended;
    }
  }

  async generateText(prompt: string | readonly TokenId[], options?: RunOptions): Promise<DoneEvent> {
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

/** Refuses what is neither a text nor token ids, as chat messages. */
function checkPrompt(prompt: unknown): void {
  if (typeof prompt === "string") return;
  const items: unknown[] | null =
    Array.isArray(prompt) || ArrayBuffer.isView(prompt) ? Array.from(prompt as never[]) : null;
  const at = items?.findIndex((item) => typeof item !== "number");
  if (at === -1) return;
  const odd = items && at !== undefined ? items[at] : prompt;
  const isChat = typeof odd === "object" && odd !== null && ("role" in odd || "messages" in odd);
  const given = isChat
    ? "chat messages: join them to one text, as the model's chat template says"
    : `${items ? "a list with " : ""}${odd === null ? "null" : typeof odd}`;
  throw new InvalidOptionError(`A prompt is a text or a list of token ids, not ${given}.`, "bad_prompt");
}
