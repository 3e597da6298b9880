import { toWire } from "../vocabulary/errors.js";
import type { Reply } from "./protocol.js";

/** Aborts when anything comes in: a call's port brings nothing but its cancellation. */
export function signalOf(port: MessagePort): AbortSignal {
  const abort = new AbortController();
  port.onmessage = () => abort.abort();
  return abort.signal;
}

/** What a call is answered with: the value of its work, or the error that it threw. */
export async function answer<T>(work: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toWire(error) };
  }
}
