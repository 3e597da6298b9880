import { transfer } from "comlink";
import { fromWire } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent } from "../vocabulary/events.js";
import type { Job } from "../runtime/job.js";
import { asPlainData, call, connect } from "./connection.js";
import type { CancelMessage, RunMessage } from "./protocol.js";

/** A run that has been sent to the worker. */
export interface RunHandle {
  /** Resolves with the last event; rejects with the run's error. */
  done: Promise<DoneEvent>;
  /** Ends the run early; `done` still arrives, with reason `cancelled`. */
  cancel(): void;
}

/** Starts a run. `onEvents` gets every event, the last one included, in batches as they come. */
export function startRun(job: Job, onEvents: (events: GenerationEvent[]) => void): RunHandle {
  const { port1: port, port2 } = new MessageChannel();
  const done = new Promise<DoneEvent>((resolve, reject) => {
    port.onmessage = ({ data }: MessageEvent<RunMessage>) => {
      onEvents(data.type === "events" ? data.events : [data.event]);
      if (data.type === "done") resolve(data.event);
      if (data.type === "error") reject(fromWire(data.event));
    };
    connect().then(({ broken }) => broken.catch(reject), reject);
    call((api) => api.generate(job, transfer(port2, [port2]))).catch((error: Error) => {
      reject(asPlainData(error));
    });
  }).finally(() => port.close());
  return { done, cancel: () => port.postMessage({ type: "cancel" } satisfies CancelMessage) };
}
