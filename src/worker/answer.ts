import { toWire } from "../vocabulary/errors.js";
import type { Reply } from "./protocol.js";

/** Aborts when anything comes in: a call's port brings nothing but its cancellation. */
export function signalOf(port: MessagePort): AbortSignal {
  const abort = new AbortController();
  port.onmessage = () => abort.abort();
  return abort.signal;
}

/** A reply of what some work gives, or of how it failed. */
export async function answer<T>(work: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toWire(error) };
  }
}
