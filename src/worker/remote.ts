import { type Remote, transfer, wrap } from "comlink";
import type { WorkerApi } from "./protocol.js";
import type { WorkerLike } from "./worker-place.js";

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
