/** A text as letters, digits, `-` and `_` for a link: what deflate leaves of it, in base64url. */
export async function fold(text: string): Promise<string> {
  const stream = through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const bytes = await joined(stream, Number.POSITIVE_INFINITY);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** The text that `fold` made these letters of. Throws a `RangeError` where it has more than `maxBytes`, so that a small link can't fill the memory; another error where it is none. */
export async function unfold(folded: string, maxBytes: number): Promise<string> {
  const letters = atob(folded.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const text = await joined(through(bytes, new DecompressionStream("deflate-raw")), maxBytes);
  return new TextDecoder("utf-8", { fatal: true }).decode(text);
}

function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream().pipeThrough(stream);
}

async function joined(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream.
  for await (const part of stream) {
    size += part.length;
    if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
    parts.push(part as Uint8Array);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
