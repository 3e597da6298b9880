import type { Job } from "../runtime/job.js";
import type { DoneEvent, GenerationEvent, LiveEvent } from "../vocabulary/events.js";
import { TextSoFar } from "../vocabulary/text-so-far.js";
import { startRun } from "./client.js";

/**
 * What a `for await` over a run yields; a run that fails throws instead of yielding an `error` event. `text` is the completion as far
 * as it is certain: it only grows, whatever order the decoder writes in. What is open or may still change is in `edits`.
 */
export type RunEvent = (LiveEvent & { text: string }) | DoneEvent;

/** The events of one run as they come, with the text so far. Leaving the loop cancels the run, as `signal` does. */
export async function* eventsOf(job: Job, signal: AbortSignal | undefined): AsyncGenerator<RunEvent, void, void> {
  const soFar = new TextSoFar();
  const queue: GenerationEvent[] = [];
  let wake = () => {};
  const run = startRun(job, (events) => {
    queue.push(...events);
    wake();
  });
  const end = { isOver: false, error: null as unknown };
  const ended = run.done
    .then(
      () => {},
      (error: unknown) => {
        end.error = error;
      },
    )
    .then(() => {
      end.isOver = true;
      wake();
    });
  const onAbort = () => run.cancel();
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) run.cancel();
  try {
    while (!end.isOver || queue.length > 0) {
      const event = queue.shift();
      if (event?.type === "done") yield event;
      // The event is this run's own copy.
      else if (event && event.type !== "error") yield Object.assign(event, { text: soFar.after(event) });
      else if (!event) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    if (end.error) throw end.error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    if (!end.isOver) run.cancel();
    // Its sessions must be free before the caller's next run.
    await ended;
  }
}
