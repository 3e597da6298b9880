import { ModelLoadError } from "../vocabulary/errors.js";
import { isAbsence, missingFile, parseJson, type ModelSource, type Progress } from "./source.js";

/** Request timeout, too early, too many requests. */
const LATER = [408, 425, 429];

/** A model folder on a web server. `url` is the folder's absolute URL; a query or a final slash is fine. */
export function httpSource(url: string): ModelSource {
  const locate = (name: string): string => {
    const file = new URL(url);
    file.pathname = `${file.pathname.replace(/\/+$/, "")}/${name}`;
    return file.href;
  };

  async function get(name: string, signal: AbortSignal | undefined, headers?: HeadersInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(locate(name), { signal, headers });
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      throw new ModelLoadError(
        `${locate(name)} can't be reached (${reason}): check the address, the network and the server's CORS headers.`,
        "unreachable",
      );
    }
    const isPage = response.ok && /html/i.test(response.headers.get("content-type") ?? "");
    // Read to its end, unseen: a cancelled body shows as an aborted request.
    if (isPage || !response.ok) void response.arrayBuffer().catch(() => undefined);
    if (isPage) throw webPage(locate(name));
    if (response.status === 404 || response.status === 410) {
      throw new ModelLoadError(
        `${missingFile(name, url).message} The server answered ${response.status}.`,
        "missing_file",
      );
    }
    if (!response.ok) {
      const [advice, code] =
        response.status < 500 && !LATER.includes(response.status)
          ? ["check the address and access rights", "refused"]
          : ["try again later", "server_error"];
      throw new ModelLoadError(`${locate(name)} answered with status ${response.status}: ${advice}.`, code);
    }
    return response;
  }

  async function bytes(name: string, onProgress?: (progress: Progress) => void, signal?: AbortSignal) {
    const body = await readBody(await get(name, signal), locate(name), onProgress, signal);
    // Some don't say what they send.
    if (PAGE.test(new TextDecoder().decode(body.subarray(0, 64)))) throw webPage(locate(name));
    return body;
  }

  async function has(name: string, signal?: AbortSignal): Promise<boolean> {
    try {
      // Not a mere question, to which servers answer in all ways: for the first byte.
      const reader = (await get(name, signal, { range: "bytes=0-0" })).body?.getReader();
      const start = await reader?.read();
      // Some send all of it.
      void reader?.cancel().catch(() => undefined);
      return !PAGE.test(new TextDecoder().decode(start?.value?.subarray(0, 64)));
    } catch (error) {
      if (isAbsence(error)) return false;
      throw error;
    }
  }

  return {
    url,
    has,
    json: async (name, signal) => parseJson(new TextDecoder().decode(await bytes(name, undefined, signal)), name, url),
    bytes,
  };
}

/** How a web page begins. */
const PAGE = /^\s*<(?:!doctype html|html\b)/i;

/** The error for a server of single-page apps, which answers 200 with its own page where a file is missing. */
function webPage(address: string): ModelLoadError {
  return new ModelLoadError(
    `${address} answered with a web page instead of the file: most likely the file doesn't exist there; check the model's address.`,
    "missing_file",
  );
}

async function readBody(
  response: Response,
  url: string,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  // With a content encoding the length is that of the compressed body, which fetch has already unpacked.
  const isEncoded = !/^(?:identity)?$/i.test(response.headers.get("content-encoding") ?? "");
  const announced = /^\d+$/.exec(response.headers.get("content-length") ?? "");
  const totalBytes = !isEncoded && announced ? Number(announced[0]) : null;
  let bytes = room(totalBytes ?? 1 << 16, url);
  let loadedBytes = 0;
  const truncated = (reason: string) =>
    new ModelLoadError(
      `${url} broke off after ${loadedBytes} of ${totalBytes ?? "an unknown number of"} bytes${reason}: load it again.`,
      "truncated",
    );
  const reader = response.body?.getReader();
  for (;;) {
    let part: ReadableStreamReadResult<Uint8Array> | undefined;
    try {
      part = await reader?.read();
    } catch (error) {
      signal?.throwIfAborted();
      throw truncated(` (${error instanceof Error ? error.message : String(error)})`);
    }
    if (!part || part.done) break;
    if (loadedBytes + part.value.length > bytes.length) {
      const larger = room(Math.max(2 * bytes.length, loadedBytes + part.value.length), url);
      larger.set(bytes.subarray(0, loadedBytes));
      bytes = larger;
    }
    bytes.set(part.value, loadedBytes);
    loadedBytes += part.value.length;
    onProgress?.({ loadedBytes, totalBytes });
  }
  // More than announced is a compressed body whose encoding header another origin hides: not an error.
  if (totalBytes !== null && loadedBytes < totalBytes) throw truncated("");
  return loadedBytes === bytes.length ? bytes : bytes.slice(0, loadedBytes);
}

/** Memory for so many bytes of a file. */
function room(numBytes: number, url: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(numBytes);
  } catch {
    throw new ModelLoadError(
      `${url} is said to have ${numBytes} bytes or more, which is more than there is memory for: check the file, or take a smaller model.`,
      "too_large",
    );
  }
}
