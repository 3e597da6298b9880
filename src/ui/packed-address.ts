import { packedWords } from "./words/address.js";
import { PACKED } from "./in-address.js";
import { fold, unfold } from "./trace/folded.js";

/** How settings are packed: what comes before the dot. */
const VERSION = "1";
/** Most bytes that they may unfold to. */
const MAX_BYTES = 400_000;
/** Longer texts are in no address: one has three bytes a character at most, and leaves room for the rest. */
const MAX_CHARACTERS = 100_000;

/** Parameters as the fragment of an address, without those that are too long for one. */
export async function pack(parameters: URLSearchParams): Promise<string> {
  const held = [...parameters].filter(([, value]) => value.length <= MAX_CHARACTERS);
  // Only what a parameter can't hold as it is: escapes of other characters are longer, packed as well.
  const texts = held.map(([name, value]) => `${name}=${value.replace(/[%&+]/g, encodeURIComponent)}`);
  return `#${PACKED}${VERSION}.${await fold(texts.join("&"))}`;
}

/** The parameters that were packed; or in words why they can't be read. */
export async function unpack(packed: string): Promise<URLSearchParams | string> {
  const [, version, folded] = /^(\d+)\.(.*)$/.exec(packed) ?? [];
  let fault: "damaged" | "otherVersion" | "tooLarge" = "damaged";
  try {
    if (version === VERSION) return new URLSearchParams(await unfold(folded, MAX_BYTES));
    if (version) fault = "otherVersion";
  } catch (error) {
    if (error instanceof RangeError) fault = "tooLarge";
  }
  return packedWords[fault];
}
