import { AUTO } from "../vocabulary/device.js";
import type { StoredOrder } from "../runtime/stored-orders.js";
import { TriptychError, UnsupportedDeviceError } from "../vocabulary/errors.js";

/** The parts of `Worker` that are used; a `MessagePort` serves as well. */
export type WorkerLike = Pick<Worker, "postMessage" | "addEventListener" | "removeEventListener"> & {
  terminate?(): void;
};

/** A worker that runs. */
export interface Connection {
  worker: WorkerLike;
  broken: Promise<never>;
}

/** What all bundles of a page share. */
export interface Shared {
  connection: Promise<Connection> | null;
  workers: number;
  factory: (() => WorkerLike | Promise<WorkerLike>) | null;
  files: string | null;
  device: string;
  /** Calls and runs that no answer has come for. */
  calls: number;
  /** What a page has handed to its worker, which the next one is told again: files that it holds, and tokens. */
  told: Record<string, StoredOrder>;
  /** The last one that was ended. */
  ended?: WorkerLike;
  /** When the worker is looked at next, to be ended where nobody needs it. */
  look?: ReturnType<typeof setTimeout>;
}

// On the global object and not in this module: two bundles on one page must still share one worker.
const KEY = Symbol.for("triptych-lm/worker/5");
const scope = globalThis as typeof globalThis & { [KEY]?: Shared };

/** What all bundles of a page share. */
export function shared(): Shared {
  scope[KEY] ??= { connection: null, workers: 0, factory: null, files: null, device: AUTO, calls: 0, told: {} };
  return scope[KEY];
}

/** What a page may still say; throws once the worker runs. */
export function beforeStart(call: string): Shared {
  if (!shared().connection) return shared();
  throw new TriptychError("worker_started", `${call}() came after the worker had started. Call it first.`);
}

/**
 * Replaces how the page's one worker is made, for pages whose content security policy forbids `blob:` workers:
 * `setWorkerFactory(() => new Worker(url, { type: "module" }))` with the URL of `triptych-lm/worker`.
 * Call it before the first `load`; it throws while the worker runs. It is asked for a new worker at the first `load`, and again after each time
 * that the last model was given back, behind which the worker ends.
 */
export function setWorkerFactory(factory: () => WorkerLike | Promise<WorkerLike>): void {
  beforeStart("setWorkerFactory").factory = factory;
}

/** Throws `UnsupportedDeviceError` where a page's worker can't be, as on a server that imports a page's modules. */
export function checkPlace(): void {
  if (typeof Worker === "function" || shared().factory) return;
  throw new UnsupportedDeviceError(
    "Models run in a browser's worker, and there is no Worker here. In Node use the command line: npx triptych run " +
      "--model DIR --prompt TEXT, with the package webgpu installed. On a server that renders pages, call this in the browser only.",
  );
}

/** What a page can do that forbids the worker. */
export const WORKER_ADVICE =
  "If this page's content security policy forbids blob: workers or requires Trusted Types, serve triptych-lm/worker " +
  "from your own origin, with the files worker-*.js beside it, and name it with setWorkerFactory(), as a TrustedScriptURL where those are required.";

async function ownWorker(): Promise<WorkerLike> {
  const { startPageWorker } = await import("./page-worker.js");
  return startPageWorker();
}

/** A worker of the page's own making, or of `factory`. Throws `TriptychError` with what to do. */
export async function startWorker(factory: Shared["factory"]): Promise<WorkerLike> {
  checkPlace();
  try {
    return await (factory ?? ownWorker)();
  } catch (error) {
    throw startFailure(error);
  }
}

/** Why no worker could be started, as a `TriptychError` with what to do. */
export function startFailure(error: unknown): TriptychError {
  if (error instanceof TriptychError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new TriptychError("worker_failed", `The worker couldn't be started: ${detail} ${WORKER_ADVICE}`);
}
