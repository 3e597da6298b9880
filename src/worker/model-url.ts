import { InvalidOptionError } from "../vocabulary/errors.js";
import { hubPage } from "../vocabulary/hub-id.js";
import { type ModelRef, refOfUrl, withoutUnset } from "../runtime/model-ref.js";

/**
 * A model by its folder's URL, relative ones the page's, and how to load it: the identity of its one copy. A fragment
 * `#context=512&weights=q8&dtype=q4&head=URL&adapter=URL&lora=URL&tokenizer=URL&block_length=full&tune=true` of the URL holds load options, where those of `options`
 * don't say otherwise.
 */
export function modelRef(url: string | URL, options: Omit<ModelRef, "url"> = {}): ModelRef {
  return { ...refOfUrl(modelUrl(url), modelUrl), ...withoutUnset({ ...options, url: undefined }) };
}

/** What a page can load from, beside its own scheme; `picked:` is that of files that it was handed. */
const SCHEMES = ["http:", "https:", "blob:", "data:", "picked:"];

/**
 * The absolute URL of a folder, with a final slash, or of a file of weights. `owner/name` and `owner/name@revision` are a hub's; a relative folder
 * of two names is written `./owner/name`. Throws `InvalidOptionError`.
 */
export function modelUrl(url: string | URL): string {
  const page = hubPage(String(url));
  if (page) return page;
  if (String(url).trim() === "")
    throw new InvalidOptionError("The model address is empty: give a folder's URL, or owner/name of a hub.");
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (!URL.canParse(url, base)) {
    throw new InvalidOptionError(
      `The model address ${JSON.stringify(String(url))} isn't a URL. Give a folder's URL, or owner/name of a hub.`,
    );
  }
  const absolute = new URL(url, base);
  if (!SCHEMES.includes(absolute.protocol) && !base?.startsWith(absolute.protocol)) {
    throw new InvalidOptionError(
      `The model address ${JSON.stringify(String(url))} begins with ${absolute.protocol}, which nothing is loaded by here. Give an http or https URL or owner/name of a hub, or pick or drop the files of this machine.`,
    );
  }
  if (!/(\/|\.gguf|\.safetensors)$/i.test(absolute.pathname)) absolute.pathname += "/";
  return absolute.href;
}
