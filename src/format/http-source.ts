import { ModelLoadError } from "../vocabulary/errors.js";
import { HttpFile, type Streaming } from "./http-file.js";
import { reasonOf } from "./in-message.js";
import { type Alarm, patientFetch, SilenceError, wallAlarm } from "./patient-fetch.js";
import { isPage, webPage } from "./web-page.js";
import {
  isAbsence,
  memoryFile,
  missingFile,
  parseJson,
  type ModelSource,
  type Progress,
  type SourceFile,
} from "./source.js";

/** Request timeout, too early, too many requests. */
const LATER = [408, 425, 429];

/** A model folder on a web server. `url` is the folder's absolute URL; a query or a final slash is fine. */
export function httpSource(url: string, alarm: Alarm = wallAlarm): ModelSource {
  const locate = (name: string): string => {
    const file = new URL(url);
    file.pathname = `${file.pathname.replace(/\/+$/, "")}/${name}`;
    return file.href;
  };

  async function get(name: string, signal: AbortSignal | undefined, headers?: HeadersInit): Promise<Response> {
    let response: Response;
    try {
      response = await againIfSilent(() => patientFetch(locate(name), { signal, headers }, { fetch, alarm }));
    } catch (error) {
      signal?.throwIfAborted();
      throw new ModelLoadError(
        `${locate(name)} can't be reached (${reasonOf(error)}): check the address, the network and the server's CORS headers.`,
        "unreachable",
      );
    }
    const saysPage = response.ok && /html/i.test(response.headers.get("content-type") ?? "");
    // Read to its end, unseen: a cancelled body shows as an aborted request.
    if (saysPage || !response.ok) void response.arrayBuffer().catch(() => undefined);
    if (saysPage) throw webPage(locate(name));
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
    const body = await againIfSilent(async () => readBody(await get(name, signal), locate(name), onProgress, signal));
    // Some don't say what they send.
    if (isPage(body)) throw webPage(locate(name));
    return body;
  }

  const streaming: Streaming = { file: null };

  async function file(name: string, signal?: AbortSignal): Promise<SourceFile> {
    const response = await get(name, signal);
    const address = locate(name);
    const byteLength = announcedBytes(response);
    // Whose length isn't known can't be checked before it is there, as of a body that is packed on its way.
    if (byteLength === null) return memoryFile(await readBody(response, address, undefined, signal));
    const from = (begin: number) => get(name, signal, { range: `bytes=${begin}-` });
    const opened = new HttpFile({ address, byteLength, response, from, signal }, streaming);
    const start = await opened.peek().catch(() => new Uint8Array(0));
    if (!isPage(start)) return opened;
    await opened.close();
    throw webPage(address);
  }

  async function has(name: string, signal?: AbortSignal): Promise<boolean> {
    try {
      // Not a mere question, to which servers answer in all ways: for the first byte.
      const reader = (await get(name, signal, { range: "bytes=0-0" })).body?.getReader();
      const start = await reader?.read().catch((error: unknown) => {
        signal?.throwIfAborted();
        throw new ModelLoadError(`${locate(name)} broke off (${reasonOf(error)}): load it again.`, "truncated");
      });
      // Some send all of it.
      void reader?.cancel().catch(() => undefined);
      return !isPage(start?.value);
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
    file,
  };
}

/** Does what asks a server, and once more if it fell silent: a connection may be lost unseen. */
async function againIfSilent<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isSilent = error instanceof SilenceError || (error instanceof Error && error.cause instanceof SilenceError);
    if (!isSilent) throw error;
    return work();
  }
}

/** The length of a body as its server says it; null where it doesn't, or says that of a packed one, which fetch has already unpacked. */
function announcedBytes({ headers }: Response): number | null {
  const isEncoded = !/^(?:identity)?$/i.test(headers.get("content-encoding") ?? "");
  const announced = /^\d+$/.exec(headers.get("content-length") ?? "");
  return !isEncoded && announced ? Number(announced[0]) : null;
}

async function readBody(
  response: Response,
  url: string,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const totalBytes = announcedBytes(response);
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
      const failure = truncated(` (${reasonOf(error)})`);
      throw error instanceof SilenceError ? Object.assign(failure, { cause: error }) : failure;
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
