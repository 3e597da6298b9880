import { ModelLoadError } from "../../vocabulary/errors.js";
import { reasonOf } from "../in-message.js";
import { isPage } from "../web-page.js";
import { patientFetch, SilenceError } from "../patient-fetch.js";
import type { Keeping } from "./keeping.js";

/** How a server is asked. */
export interface Asking {
  signal?: AbortSignal;
  /** For the hub itself: a redirect to another origin goes without, as `fetch` has it. */
  token?: string;
  /** First byte that is wanted, and the last; left out: all. */
  range?: { begin: number; end?: number };
  /** Told why the answer takes its time. */
  onWait?(message: string): void;
  /** The errors for answers that aren't the file. */
  refusal(response: Response): Promise<ModelLoadError>;
}

/** Request timeout, too early, too many requests, and what gateways say of servers that are down for a while. */
const LATER = [408, 425, 429, 500, 502, 503, 504];
/** So often a server is asked again that has sent no answer. */
const NUM_SILENT = 1;
/** So often a server is asked again that has answered so. */
const NUM_TRIES = 5;
const FIRST_WAIT_MS = 1000;
/** Nobody waits longer than this for a page to load. */
const LONGEST_WAIT_MS = 600_000;

/**
 * Asks for a file by GET, since some servers refuse HEAD, and waits where the server says that it is busy. Answers with the response (200, 206
 * or 416); throws a `ModelLoadError` for any other, `unreachable` where there is none.
 */
export async function ask(keeping: Keeping, url: string, asking: Asking): Promise<Response> {
  const { signal, token, range, onWait } = asking;
  const headers: Record<string, string> = {};
  // No If-Range: another origin's server would have to be asked whether it allows that header. Who reads compares the validator.
  if (range) headers.range = `bytes=${range.begin}-${range.end ?? ""}`;
  if (token) headers.authorization = `Bearer ${token}`;
  for (let tries = 1; ; tries++) {
    const response = await fetchOnce(keeping, url, { signal, headers }, asking);
    if (response.ok || response.status === 416) return response;
    if (!LATER.includes(response.status) || tries > NUM_TRIES) throw await refused(response, asking);
    const waitMs = retryAfterMs(response, keeping.nowMs()) ?? FIRST_WAIT_MS * 2 ** (tries - 1);
    if (waitMs > LONGEST_WAIT_MS) throw await refused(response, asking);
    void drain(response);
    onWait?.(
      `${new URL(url).host} is busy (status ${response.status}): asking again in ${Math.ceil(waitMs / 1000)} s.`,
    );
    await keeping.wait(waitMs, signal);
  }
}

/** Whether there is a file, by its first bytes. */
export async function isThere(keeping: Keeping, url: string, asking: Omit<Asking, "range">): Promise<boolean> {
  try {
    const response = await ask(keeping, url, { ...asking, range: { begin: 0, end: 63 } });
    const saysPage = /html/i.test(response.headers.get("content-type") ?? "");
    const reader = response.body?.getReader();
    // Some don't say what they send.
    const start = saysPage ? undefined : (await reader?.read().catch(() => undefined))?.value;
    void reader?.cancel().catch(() => undefined);
    return response.status === 416 || !(saysPage || isPage(start));
  } catch (error) {
    if (error instanceof ModelLoadError && (error.code === "missing_file" || error.code === "refused")) return false;
    throw error;
  }
}

async function fetchOnce(
  keeping: Keeping,
  url: string,
  init: RequestInit,
  asking: Asking,
  numSilent = 0,
): Promise<Response> {
  const { fetch, alarm } = keeping;
  try {
    // What is kept is kept once: not in the browser's cache as well.
    return await patientFetch(url, { ...init, cache: "no-store" }, { fetch, alarm, onQuiet: asking.onWait });
  } catch (error) {
    init.signal?.throwIfAborted();
    // A connection may be lost unseen. Who goes on with a file asks again of itself.
    const isAskedAgain = error instanceof SilenceError && !asking.range && numSilent < NUM_SILENT;
    if (isAskedAgain) return fetchOnce(keeping, url, init, asking, numSilent + 1);
    throw unreachable(url, error);
  }
}

/** The error for a server that didn't answer, or fell silent. */
export function unreachable(url: string, error: unknown): ModelLoadError {
  return new ModelLoadError(
    `${url} can't be reached (${reasonOf(error)}): check the address, the network and the server's CORS headers.`,
    "unreachable",
  );
}

async function refused(response: Response, { refusal }: Asking): Promise<ModelLoadError> {
  const error = await refusal(response);
  void drain(response);
  return error;
}

/** Reads a body to its end, unseen: a cancelled one shows as an aborted request. */
async function drain(response: Response): Promise<void> {
  if (!response.bodyUsed) await response.arrayBuffer().catch(() => undefined);
}

/** Milliseconds that a server asks to wait, in seconds or up to a date; null where it doesn't say. */
function retryAfterMs(response: Response, nowMs: number): number | null {
  const said = response.headers.get("retry-after");
  if (said === null) return null;
  if (/^\d+(\.\d+)?$/.test(said)) return Number(said) * 1000;
  const atMs = Date.parse(said);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

/** The error for an answer that nothing more is known of. */
export function plainRefusal(response: Response, url: string): ModelLoadError {
  const { status } = response;
  if (status === 404 || status === 410) {
    return new ModelLoadError(`${url} is missing: the server answered ${status}.`, "missing_file");
  }
  if (!LATER.includes(status)) {
    return new ModelLoadError(`${url} answered with status ${status}: check the address and access rights.`, "refused");
  }
  const said = response.headers.get("retry-after");
  const when = said === null ? "try again later" : `it asks to wait ${said}${/^\d+$/.test(said) ? " s" : ""}`;
  return new ModelLoadError(`${url} answered with status ${status}: ${when}.`, "server_error");
}
