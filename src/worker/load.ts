import { AUTO, namedDevice, PAGE_DEVICES } from "../vocabulary/device.js";
import { Handle } from "./handle.js";
import type { LanguageModel } from "./language-model.js";
import type { LoadOptions } from "./model-options.js";
import { modelRef, modelUrl } from "./model-url.js";
import { takeModel } from "./models.js";
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
