import { type InterruptableStoppingCriteria, Tensor } from "@huggingface/transformers";
import type { DoneEvent, FinishReason, GenerationEvent, StartEvent } from "../vocabulary/events.js";
import type { PeerModel } from "./peer-model.js";
import type { PeerJob } from "./peer-protocol.js";
import { isPlainlyGreedy, processorsOf, samplingOf } from "./peer-sampler.js";
import { PeerStreamer } from "./peer-streamer.js";

/** Writes in transformers.js what an autoregressive run of these options writes; `onEvent` gets every event but the last. */
export async function writeAsPeer(
  { architecture, model, tokenizer, runtime }: PeerModel,
  { promptIds, options }: PeerJob,
  stopping: InterruptableStoppingCriteria,
  onEvent: (event: GenerationEvent) => unknown,
): Promise<DoneEvent> {
  const { sampler, leftOut } = samplingOf(options);
  const room = architecture.maxLength - promptIds.length;
  const length = Math.min(Number(options.max_new_tokens), room);
  onEvent({
    type: "start",
    seq: 0,
    decoder: "transformers.js",
    label: "transformers.js",
    fidelity: "exact",
    law: lawOf(runtime, isPlainlyGreedy(sampler), leftOut),
    options: { ...options },
    edits: [],
    pieces: [],
  } satisfies StartEvent);
  const streamer = new PeerStreamer(tokenizer, promptIds.length, onEvent);
  const row = (values: readonly bigint[]) => new Tensor("int64", BigInt64Array.from(values), [1, values.length]);
  if (length > 0) {
    await model.generate({
      inputs: row(promptIds.map(BigInt)),
      attention_mask: row(promptIds.map(() => 1n)),
      max_new_tokens: length,
      do_sample: false,
      eos_token_id: [...architecture.eosTokens],
      logits_processor: processorsOf(sampler),
      stopping_criteria: stopping,
      streamer,
    } as Parameters<typeof model.generate>[0]);
  }
  const { ids, text, elapsedMs, meter } = streamer;
  const isEnd = (id: number) => architecture.eosTokens.includes(id);
  const written = ids.filter((id) => !isEnd(id));
  const reason: FinishReason = ids.some(isEnd) ? "stop" : ids.length >= length ? "length" : "cancelled";
  const counts = { promptTokens: promptIds.length, tokens: written.length, written: written.length };
  const metrics = meter.finish({ ...counts, elapsedMs, ownMs: elapsedMs });
  return { type: "done", seq: ids.length + 1, reason, text, ids: written, metrics };
}

function lawOf(runtime: string, isGreedy: boolean, leftOut: readonly string[]): StartEvent["law"] {
  const how = isGreedy
    ? "Its own argmax."
    : "It takes no seed: of its logits Triptych’s sampler draws, so that its ids can be compared.";
  const without = leftOut.length > 0 ? ` Left out: ${leftOut.join(", ")}.` : "";
  const of = `the law of ${runtime}`;
  return { of, rounded: [], why: null, sentence: `Written by ${runtime}, from the same safetensors. ${how}${without}` };
}
