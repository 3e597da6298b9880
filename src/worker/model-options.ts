import type { LoadProgress, MeasureProgress } from "../runtime/job.js";
import type { DecoderOptions } from "./decoder-options.js";

/** How to load. */
export interface LoadOptions {
  /** Aborting rejects with its reason; the download stops unless someone else waits for the same model. */
  signal?: AbortSignal;
  /** Called as the weights come: with the bytes of all their files, and of the one that comes now. */
  onProgress?: (progress: LoadProgress) => void;
  /** Longest sequence to make room for, in tokens; default: what the model allows, at most 2,048. */
  context?: number;
  /** How a model that fills masks reads, where its config doesn't say: in blocks of this length, or its whole canvas. */
  blockLength?: number | "full";
  /**
   * Where it runs: `webgpu` on Triptych's own kernels, or in ONNX Runtime as WebAssembly (`wasm`), on WebNN (`webnn`) or on its WebGPU
   * kernels (`onnx-webgpu`). Default: `auto`.
   */
  device?: "auto" | "webgpu" | "wasm" | "webnn" | "onnx-webgpu";
  /** Rounds the weights at load to 8 or 4 bits (blocks of 32; approximate; `-int8` also rounds activations to 8 bits in products), or multiplies them as they are in 16 bits (`f16`, where the adapter can); `auto`: the most exact of the file's own, `q8` and `q4` that the device has memory for, told before they are fetched. Default: the file's own. */
  weights?: "auto" | "q8" | "q4" | "q8-int8" | "q4-int8" | "f16";
  /** Keeps keys and values in 16 bits, or in 8 with a factor for each head at each position: half or about a quarter of the memory that a text takes, approximate; on `webgpu` alone. Default: `f32`. */
  kvCache?: "f32" | "f16" | "q8";
  /** Most bytes that the model may take on `webgpu`, with one text; more is refused before the weights are fetched. Default: what the device has. */
  memoryLimit?: number;
  /**
   * Reads this one of the folder's ONNX files (`onnx/model.onnx`, `onnx/model_q4.onnx`, …), by transformers.js's word for it, on another
   * device than `webgpu`. Default: where the folder has no tensors, the file that is nearest to what was trained.
   */
  dtype?: "fp32" | "fp16" | "q8" | "int8" | "uint8" | "q4" | "q4f16" | "bnb4";
  /** Folder of a head that was trained for this model (relative URLs are the page's): an EAGLE head for the drafter `eagle`, a joint sampler for `joint_steps`, or a policy for `block_rule`. */
  head?: string | URL;
  /** Folder of an adapter with mask tokens that was trained for this model: the drafter `mtp` uses it. */
  adapter?: string | URL;
  /** Folder of a PEFT LoRA adapter (`adapter_config.json`, `adapter_model.safetensors`; relative URLs are the page's), which is added to the weights in float32 as they are read. */
  lora?: string | URL;
  /** Folder whose `tokenizer.json` and `tokenizer_config.json` are read, of a model whose own folder has none (relative URLs are the page's). */
  tokenizer?: string | URL;
  /**
   * Times the kernels that suit this adapter, on random weights of this model's shape, before the load, and keeps the
   * fastest for later loads (a second or two; nothing on a software adapter). Default: what was measured before, else
   * the adapter's default.
   */
  tune?: boolean;
  /** Looks behind each layer whether its numbers are finite, so that a model which fails says where; slower. Default: false. */
  debug?: boolean;
  /** Branch, tag or commit of a model that is given as `owner/name`. Default: `main`. */
  revision?: string;
  /** Address of the hub, or of a mirror, that `owner/name` is looked up on. Default: `https://huggingface.co`. */
  hub?: string | URL;
  /** Access token for private and gated models: sent to the hub's own origin alone, written down nowhere. */
  token?: string;
}

/** A decoder's name. */
export type DecoderName = keyof DecoderOptions;

/** The decoder that needn't be named. */
export const DEFAULT_DECODER = "autoregressive" satisfies DecoderName;

type CamelCase<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Name;

/** Each option by its snake_case or its camelCase name; `undefined` counts as not given. */
export type Spelt<Options> = { [Name in keyof Options]?: Options[Name] | undefined } & {
  [Name in keyof Options as CamelCase<Name>]?: Options[Name] | undefined;
};

/** How to measure. */
export interface MeasureOptions {
  /** Aborting rejects with its reason. */
  signal?: AbortSignal;
  /** Called after each number of rows that was timed. */
  onProgress?: (progress: MeasureProgress) => void;
  /** Even if this model has been measured on this page. Default: false. */
  again?: boolean;
}
