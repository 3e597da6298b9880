export { AutoModelForCausalLM, type CausalLM, type GenerateInputs, type IdTensor } from "./causal-lm.js";
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
export type { CallOptions, Interruptable } from "./run-text.js";
export { type BaseStreamer, TextStreamer, type TextStreamerOptions } from "./text-streamer.js";
