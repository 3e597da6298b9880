import { type Remote, transfer, wrap } from "comlink";
import type { WorkerApi } from "./protocol.js";
import type { Shared, WorkerLike } from "./worker-place.js";

/** The worker's calls, as the page makes them. */
export type WorkerCalls = Remote<WorkerApi>;

/** This bundle's own: what one bundle's comlink transfers, another's proxy would clone. */
const apis = new WeakMap<WorkerLike, WorkerCalls>();

/** The calls of a worker. */
export function apiOf(worker: WorkerLike): WorkerCalls {
  const api = apis.get(worker) ?? wrap<WorkerApi>(worker);
  apis.set(worker, api);
  return api;
}

/** A port that is handed over with a call. */
export function handedOver(port: MessagePort): MessagePort {
  return transfer(port, [port]);
}

/** A worker that holds nothing and has been asked nothing for so long is ended: longer than from one model to the next. */
const SPARE_MS = 1000;

/**
 * Ends the page's worker once nobody needs it: a WebAssembly heap never shrinks, so that a model's memory comes back with the worker's end alone. The
 * next call starts another.
 */
export function endWhenSpare(state: Shared): void {
  clearTimeout(state.look);
  state.look = setTimeout(() => void look(state), SPARE_MS);
}

async function look(state: Shared): Promise<void> {
  const { connection } = state;
  // A port that a page gave in a worker's place can't be ended; what is called now looks again when it is answered.
  const worker = (await connection?.catch(() => null))?.worker;
  if (!worker?.terminate || state.calls > 0) return;
  const reply = await apiOf(worker).isSpare();
  if (!reply.ok || !reply.value || state.calls > 0 || state.connection !== connection) return;
  state.connection = null;
  state.workers--;
  state.ended = worker;
  worker.terminate();
}

/** Tells a new worker what the page had handed to the one before, ahead of all that is asked of it. */
export async function tellAgain(worker: WorkerLike, { told }: Shared): Promise<void> {
  for (const order of Object.values(told)) {
    const { port1, port2 } = new MessageChannel();
    await apiOf(worker).stored(order, handedOver(port2));
    port1.close();
  }
}
