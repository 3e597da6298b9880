import { Canvas } from "../vocabulary/canvas.js";
import type { TokenId } from "../vocabulary/events.js";
import type { RunEvent } from "../worker/run-events.js";

/** How a `TextStreamer` writes. */
export interface TextStreamerOptions {
  /** Leaves the prompt's text out. Default: false. */
  skip_prompt?: boolean;
  /** Gets each new piece of text. Default: console.log. */
  callback_function?: (text: string) => void;
  /** Gets the ids of new tokens, as they become certain. */
  token_callback_function?: (ids: bigint[]) => void;
}

/** What a streamer of transformers.js is: it gets a list of ids for each of one prompt, the prompt's first. */
export interface BaseStreamer {
  put(ids: bigint[][]): void;
  end(): void;
}

/**
 * Streams a text as it is certain. Pieces join to the text, however a decoder writes it: no piece is taken back, and no character is
 * cut. It takes a tokenizer so that a call needn't be rewritten, and needs none.
 */
export class TextStreamer {
  constructor(
    readonly tokenizer: unknown = null,
    private readonly options: TextStreamerOptions = {},
  ) {}

  /** Gets a piece of the text, and the ids that became certain with it. */
  write(text: string, ids: readonly TokenId[], isPrompt: boolean): void {
    const { skip_prompt: skipsPrompt = false, callback_function: callback = console.log } = this.options;
    if (isPrompt && skipsPrompt) return;
    if (ids.length > 0) this.options.token_callback_function?.(ids.map(BigInt));
    if (text !== "") callback(text);
  }

  /** Gets called once, when the text is whole. */
  end(): void {}
}

/** Hands a run's events on to a streamer of either kind, the prompt first. */
export class Streaming {
  private readonly canvas = new Canvas();
  private numIds = 0;
  private textLength = 0;

  constructor(
    private readonly streamer: TextStreamer | BaseStreamer,
    private readonly promptText: string,
  ) {}

  /** To be called with each event of the run, in order. */
  take(event: RunEvent): void {
    const { canvas } = this;
    if (event.type !== "done") for (const edit of event.edits) canvas.apply(edit);
    const { text } = event;
    const isPrompt = event.type === "start";
    const certain = canvas.committedIds();
    const ids = certain.slice(this.numIds);
    const piece = isPrompt ? this.promptText : text.slice(this.textLength);
    this.numIds = Math.max(this.numIds, certain.length);
    if (!isPrompt) this.textLength = text.length;
    if (this.streamer instanceof TextStreamer) this.streamer.write(piece, ids, isPrompt);
    else if (isPrompt) this.streamer.put([ids.map(BigInt)]);
    else for (const id of ids) this.streamer.put([[BigInt(id)]]);
    if (event.type === "done") this.streamer.end();
  }
}
