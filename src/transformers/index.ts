/** Models that write on from ids, by the names of transformers. */
export { AutoModelForCausalLM, type CausalLM, type GenerateInputs, type IdTensor } from "./causal-lm.js";
/** Pipelines and tokenizers, and what they take and give. */
export {
  type ChatTokenizer,
  type Generated,
  type Message,
  type PipelineCallOptions,
  type PipelineOptions,
  type PipelineProgress,
  pipeline,
  type TextGenerationPipeline,
} from "./pipeline.js";
/** What a call takes, and how a run is interrupted. */
export type { CallOptions, Interruptable } from "./run-text.js";
/** Streams of text while it is written. */
export { type BaseStreamer, TextStreamer, type TextStreamerOptions } from "./text-streamer.js";
