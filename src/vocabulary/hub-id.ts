/** The hub that an id is looked up on, unless another is named. */
export const HUB = "https://huggingface.co";

/** `owner/name`, with a quantisation behind a colon, a revision behind an @; load options may follow behind a `#`. Some write the hub's host before it. */
const ID = /^(?:(?:hf\.co|huggingface\.co)\/)?(\w[\w.-]*\/\w[\w.-]*)(?::([\w.-]+))?(?:@([^#@\s]+))?(#.*)?$/;
const FILE = /\.(?:gguf|safetensors)$/i;

/**
 * The page of a hub's model that is named by its id, as its tree at a revision; null for what is no id. A relative folder isn't one once it
 * begins with `./` or ends with a slash. A quantisation is `?quantization=` there.
 */
export function hubPage(text: string, hub: string | URL = HUB, revision?: string): string | null {
  const [, id, quantization, own, fragment = ""] = ID.exec(text) ?? [];
  if (!id || FILE.test(id)) return null;
  const query = quantization ? `?quantization=${quantization}` : "";
  return `${String(hub).replace(/\/+$/, "")}/${id}/tree/${encodeURIComponent(own ?? revision ?? "main")}/${query}${fragment}`;
}
