/** A server that sends nothing is waited for so long. */
const SILENCE_MS = 30_000;
/** After so much of it people are told. */
const QUIET_MS = 5_000;

/** Calls `ring` once so much time has passed, unless the answer is called before. */
export type Alarm = (ms: number, ring: () => void) => () => void;

/** On the wall clock. */
export const wallAlarm: Alarm = (ms, ring) => {
  const timer = setTimeout(ring, ms);
  return () => clearTimeout(timer);
};

/** A server has taken a request, and sent nothing more for a while. */
export class SilenceError extends Error {
  constructor() {
    super(`it has sent nothing for ${SILENCE_MS / 1000} s`);
    this.name = "SilenceError";
  }
}

/** How a server is waited for. */
export interface Patience {
  fetch: typeof fetch;
  alarm: Alarm;
  /** Told once of each silence that has become long. */
  onQuiet?(message: string): void;
}

/**
 * Asks as `fetch` does, and waits no longer than `SILENCE_MS` for the answer, or for more of its body: the request is given up then, and who
 * waits for it gets a `SilenceError`. What nobody reads isn't waited for.
 */
export async function patientFetch(url: string, init: RequestInit, patience: Patience): Promise<Response> {
  const { signal } = init;
  // Browsers refuse their own as a method of anything else.
  const { fetch } = patience;
  const own = new AbortController();
  const pass = () => own.abort(signal?.reason);
  if (signal?.aborted) pass();
  signal?.addEventListener("abort", pass, { once: true });
  const end = () => signal?.removeEventListener("abort", pass);
  const wait = <T>(promise: Promise<T>): Promise<T> => unlessSilent(promise, own, url, patience);
  let response: Response;
  try {
    response = await wait(fetch(url, { ...init, signal: own.signal }));
  } catch (error) {
    end();
    throw error;
  }
  // Of a refusal the address counts, which a copy lacks.
  if (!response.ok || !response.body) return response;
  const { status, statusText, headers } = response;
  return new Response(watched(response.body, wait, end), { status, statusText, headers });
}

function watched(
  body: ReadableStream<Uint8Array>,
  wait: <T>(promise: Promise<T>) => Promise<T>,
  end: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const part = await wait(reader.read());
          if (!part.done) return controller.enqueue(part.value);
          end();
          controller.close();
        } catch (error) {
          end();
          throw error;
        }
      },
      cancel(reason) {
        end();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function unlessSilent<T>(
  promise: Promise<T>,
  own: AbortController,
  url: string,
  { alarm, onQuiet }: Patience,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop = alarm(QUIET_MS, () => {
      onQuiet?.(
        `${new URL(url).host} has sent nothing for ${QUIET_MS / 1000} s: it is asked again after ${SILENCE_MS / 1000} s.`,
      );
      stop = alarm(SILENCE_MS - QUIET_MS, () => {
        const error = new SilenceError();
        reject(error);
        own.abort(error);
      });
    });
    promise.then(resolve, reject).finally(() => stop());
  });
}
