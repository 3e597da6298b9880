import { AUTO, namedDevice, PAGE_DEVICES } from "../vocabulary/device.js";
import { Handle } from "./handle.js";
import type { LanguageModel } from "./language-model.js";
import type { LoadOptions } from "./model-options.js";
import { modelRef, modelUrl } from "./model-url.js";
import { takeModel } from "./models.js";
import type { ModelFiles } from "./stored-models.js";
import { checkPlace } from "./worker-place.js";

/**
 * Loads a model on the page's one worker: a folder by its URL (Hugging Face layout; relative URLs are the page's), a GGUF or safetensors file by
 * its URL, a hub's model by `owner/name`, `owner/name@revision` or any of its pages, or files that the page holds.
 */
export async function load(
  model: string | URL | ModelFiles,
  {
    context,
    blockLength,
    weights,
    kvCache,
    dtype,
    head,
    adapter,
    lora,
    tokenizer,
    tune,
    debug,
    device,
    revision,
    hub,
    token,
    ...options
  }: LoadOptions = {},
): Promise<LanguageModel> {
  if (device !== undefined && device !== AUTO) namedDevice(device, PAGE_DEVICES);
  checkPlace();
  const given = Object.entries({ head, adapter, lora, tokenizer });
  const folders = Object.fromEntries(given.map(([name, folder]) => [name, folder && modelUrl(folder)]));
  const how = { context, blockLength, weights, kvCache, dtype, tune, debug, device, ...folders };
  const isAddress = typeof model === "string" || model instanceof URL;
  const url =
    isAddress && !revision && !hub && !token
      ? model
      : await (await import("./outside.js")).addressOf(model, { revision, hub, token });
  return new Handle(await takeModel(modelRef(url, how), options));
}
