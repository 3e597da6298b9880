import { proxy, type Remote, wrap } from "comlink";
import { fromWire, TriptychError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import type { PeerApi, PeerJob } from "./peer-protocol.js";

/** The page's side of the worker that has transformers.js; the worker starts, and downloads it, with the first run. */
export class PeerRun {
  private connection: { worker: Worker; api: Remote<PeerApi>; broken: Promise<never> } | null = null;

  /** Writes: `onEvent` gets every event, the last one `done`. Rejects with the run's error; the next run works. */
  async write(
    job: PeerJob,
    signal: AbortSignal,
    onStage: (stage: string) => void,
    onEvent: (event: GenerationEvent) => void,
  ): Promise<void> {
    const { api, broken } = this.connect();
    const stop = () => void api.stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const reply = await Promise.race([api.write(job, proxy(onStage), proxy(onEvent)), broken]);
      if (!reply.ok) throw fromWire(reply.error);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Ends the worker, which gives its memory back; the next run starts another. */
  end(): void {
    this.connection?.worker.terminate();
    this.connection = null;
  }

  private connect() {
    if (this.connection) return this.connection;
    const worker = new Worker(new URL("./peer-worker.ts", import.meta.url), { type: "module" });
    const broken = new Promise<never>((_, reject) => {
      worker.addEventListener("error", ({ message }) => {
        this.connection = null;
        worker.terminate();
        reject(new TriptychError("worker_failed", `The worker with transformers.js stopped: ${message || "unknown"}.`));
      });
    });
    broken.catch(() => undefined);
    this.connection = { worker, api: wrap<PeerApi>(worker), broken };
    return this.connection;
  }
}
