import type { GenerationEvent, TokenId } from "../vocabulary/events.js";
import type { Reply } from "../worker/protocol.js";

/** Where transformers.js computes, its own names. */
export const PEER_DEVICES = ["wasm", "webgpu"] as const;

/** One of them. */
export type PeerDevice = (typeof PEER_DEVICES)[number];

/** What transformers.js is to write: what an autoregressive pane has written. */
export interface PeerJob {
  /** Folder with config.json, tokenizer.json and model.safetensors, an absolute URL. */
  url: string;
  device: PeerDevice;
  promptIds: readonly TokenId[];
  /** All options of that run, as its `start` event tells them. */
  options: Readonly<Record<string, unknown>>;
}

/** The calls to the worker that has transformers.js. */
export interface PeerApi {
  /**
   * Loads the model unless it is the last one, and writes. `onStage`: what it is doing before it writes; `onEvent`: every event, `done` too,
   * which has been taken when this resolves.
   */
  write(
    job: PeerJob,
    onStage: (stage: string) => void,
    onEvent: (event: GenerationEvent) => unknown,
  ): Promise<Reply<null>>;
  /** Ends the run, or the one that is being loaded for, with what it has. */
  stop(): void;
}
