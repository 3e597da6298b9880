import { type Remote, transfer, wrap } from "comlink";
import { fromWire, InvalidOptionError, TriptychError } from "../vocabulary/errors.js";
import type { CancelMessage, Reply, WorkerApi } from "./protocol.js";
import { pageWords } from "./page-words.js";
import { type Connection, shared, startWorker, WORKER_ADVICE, type WorkerLike } from "./worker-place.js";

/** The page's one worker, started if none runs. */
export function connect(): Promise<Connection> {
  const state = shared();
  state.connection ??= (async () => {
    const worker = await startWorker(state.factory);
    state.workers++;
    void apiOf(worker).begin(pageWords());
    const broken = new Promise<never>((_, reject) => {
      worker.addEventListener("error", (event) => {
        // The next call starts a new worker.
        state.connection = null;
        state.workers--;
        worker.terminate?.();
        const detail = "message" in event && event.message ? `: ${String(event.message)}` : "";
        reject(new TriptychError("worker_failed", `The worker stopped${detail}. ${WORKER_ADVICE}`));
      });
    });
    broken.catch(() => {});
    return { worker, broken };
  })().catch((error: unknown) => {
    state.connection = null;
    throw error;
  });
  return state.connection;
}

/** This bundle's own: what one bundle's comlink transfers, another's proxy would clone. */
const apis = new WeakMap<WorkerLike, Remote<WorkerApi>>();

function apiOf(worker: WorkerLike): Remote<WorkerApi> {
  const api = apis.get(worker) ?? wrap<WorkerApi>(worker);
  apis.set(worker, api);
  return api;
}

/** One call to the worker; rejects with its error, or once the worker is gone. */
export async function call<T>(send: (api: Remote<WorkerApi>) => Promise<Reply<T>>): Promise<T> {
  const { worker, broken } = await connect();
  const reply = await Promise.race([send(apiOf(worker)), broken]);
  if (reply.ok) return reply.value;
  throw fromWire(reply.error);
}

/** A call that reports over a port, and ends early when `signal` aborts, with its reason. */
export async function callOverPort<Message, T>(
  send: (api: Remote<WorkerApi>, port: MessagePort) => Promise<Reply<T>>,
  onMessage: (message: Message) => void,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  const { port1: port, port2 } = new MessageChannel();
  port.onmessage = ({ data }: MessageEvent<Message>) => onMessage(data);
  const onAbort = () => port.postMessage({ type: "cancel" } satisfies CancelMessage);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await call((api) => send(api, transfer(port2, [port2])));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    port.close();
  }
}

/** What can't leave the page is the caller's: an `InvalidOptionError`; any other error stays as it is. */
export function asPlainData(error: Error): Error {
  if (error.name !== "DataCloneError") return error;
  return new InvalidOptionError(`Prompt and options must be plain data, which this isn't: ${error.message}`);
}
