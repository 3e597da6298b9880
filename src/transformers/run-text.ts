import { InvalidOptionError } from "../vocabulary/errors.js";
import type { DoneEvent, TokenId } from "../vocabulary/events.js";
import type { Prompt } from "../vocabulary/prompt.js";
import type { LanguageModel } from "../worker/language-model.js";
import { readOptions } from "./generate-options.js";
import { type BaseStreamer, Streaming, TextStreamer } from "./text-streamer.js";

/** Like transformers.js's `InterruptableStoppingCriteria`: whether the run is to end. */
export interface Interruptable {
  readonly interrupted: boolean;
}

/** What a generate() call may have beside the options that `docs/transformers.md` lists, and Triptych's own. */
export interface CallOptions {
  streamer?: TextStreamer | BaseStreamer | null;
  stopping_criteria?: Interruptable | readonly Interruptable[] | null;
  /** Options that those beside it go before. */
  generation_config?: Record<string, unknown> | null;
  signal?: AbortSignal | null;
  [option: string]: unknown;
}

/** A prompt: the ids that the model reads, and the text that they stand for. */
export interface ReadPrompt {
  /** What the model is given; left out: the ids. */
  prompt?: Prompt;
  ids: readonly TokenId[];
  text: string;
}

/** Writes on from a prompt, as a call with these options has it. Resolves with the run's last event. */
export async function runText(model: LanguageModel, prompt: ReadPrompt, call: CallOptions): Promise<DoneEvent> {
  const { streamer, stopping_criteria, generation_config, signal, ...given } = call;
  const criteria = interruptables(stopping_criteria);
  const streaming = streamer ? new Streaming(checked(streamer), prompt.text) : null;
  const numPromptTokens = prompt.ids.length;
  const options = readOptions({ ...generation_config, ...given }, { defaults: model.generation, numPromptTokens });
  const interruption = new AbortController();
  const signals = [interruption.signal, ...(signal ? [signal] : [])];
  const run = model.generate(prompt.prompt ?? prompt.ids, { ...options, signal: AbortSignal.any(signals) });
  for await (const event of run) {
    streaming?.take(event);
    if (event.type === "done") return event;
    if (criteria.some(({ interrupted }) => interrupted)) interruption.abort();
  }
  throw new Error("unreachable: a run ends with done or throws");
}

function interruptables(criteria: CallOptions["stopping_criteria"]): readonly Interruptable[] {
  const list: unknown[] = criteria ? [criteria].flat() : [];
  const isOne = (one: unknown): one is Interruptable =>
    typeof one === "object" || typeof one === "function"
      ? typeof (one as Partial<Interruptable>)?.interrupted === "boolean"
      : false;
  if (list.every(isOne)) return list;
  throw new InvalidOptionError(
    "stopping_criteria: only an InterruptableStoppingCriteria can be had here. `stop` takes texts that end a text, `signal` an AbortSignal.",
  );
}

function checked(streamer: TextStreamer | BaseStreamer): TextStreamer | BaseStreamer {
  const isStreamer =
    streamer instanceof TextStreamer || (typeof streamer.put === "function" && typeof streamer.end === "function");
  if (isStreamer) return streamer;
  throw new InvalidOptionError("streamer: a TextStreamer, or an object with put() and end(), is needed.");
}
