import { fromWire, TriptychError } from "../vocabulary/errors.js";
import type { CancelMessage, Reply } from "./protocol.js";
import type { WorkerCalls } from "./remote.js";
import { pageWords } from "./page-words.js";
import { type Connection, shared, startFailure, startWorker, WORKER_ADVICE } from "./worker-place.js";

/** The code of calls, fetched beside the worker's. */
async function remote(): Promise<typeof import("./remote.js")> {
  try {
    return await import("./remote.js");
  } catch (error) {
    throw startFailure(error);
  }
}

/** The page's one worker, started if none runs. */
export function connect(): Promise<Connection> {
  const state = shared();
  state.connection ??= (async () => {
    const calls = remote();
    // A failure is that of the call that waits for the same code.
    calls.catch(() => {});
    const worker = await startWorker(state.factory);
    if (worker === state.ended) throw startFailure("it has ended. What makes it has to make a new one each time.");
    state.workers++;
    calls.then(({ apiOf }) => apiOf(worker).begin(pageWords())).catch(() => {});
    if (Object.keys(state.told).length > 0) await (await calls).tellAgain(worker, state);
    const broken = new Promise<never>((_, reject) => {
      worker.addEventListener("error", (event) => {
        // The next call starts a new worker.
        state.connection = null;
        state.workers--;
        state.ended = worker;
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

/** Counts a call or a run until what it answers is called; behind the last one the worker may end. */
export function underWay(): () => void {
  const state = shared();
  state.calls++;
  return () => {
    if (--state.calls === 0)
      remote()
        .then(({ endWhenSpare }) => endWhenSpare(state))
        .catch(() => {});
  };
}

/** A call to be made; `handOver` takes a port that goes with it. */
type Send<T> = (api: WorkerCalls, handOver: (port: MessagePort) => MessagePort) => Promise<Reply<T>>;

/** One call to the worker; rejects with its error, or once the worker is gone. */
export async function call<T>(send: Send<T>): Promise<T> {
  const end = underWay();
  try {
    const [{ worker, broken }, { apiOf, handedOver }] = await Promise.all([connect(), remote()]);
    const reply = await Promise.race([send(apiOf(worker), handedOver), broken]);
    if (reply.ok) return reply.value;
    throw fromWire(reply.error);
  } finally {
    end();
  }
}

/** A call that reports over a port, and ends early when `signal` aborts, with its reason. */
export async function callOverPort<Message, T>(
  send: (api: WorkerCalls, port: MessagePort) => Promise<Reply<T>>,
  onMessage: (message: Message) => void,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  const { port1: port, port2 } = new MessageChannel();
  port.onmessage = ({ data }: MessageEvent<Message>) => onMessage(data);
  const onAbort = () => port.postMessage({ type: "cancel" } satisfies CancelMessage);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await call((api, handOver) => send(api, handOver(port2)));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    port.close();
  }
}
