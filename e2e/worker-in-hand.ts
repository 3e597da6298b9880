import type { Page, Worker } from "@playwright/test";

/** The page's one worker, started if none runs, with its device. What a test does in there happens between two lines of it, however fast it is. */
export async function workerOf(page: Page): Promise<Worker> {
  await page.evaluate(async () => {
    const path = "/dist/index.js";
    await (await import(path)).adapter();
  });
  const [worker] = page.workers();
  return worker;
}

/**
 * Lets the worker read no result of its device until something is cancelled there: a run, a load or a measurement. `from`: only once a run
 * of this decoder has told its first step. So what a page is to stop can't be over before.
 */
export async function holdReads(page: Page, from?: string): Promise<void> {
  const worker = await workerOf(page);
  await worker.evaluate((decoder) => {
    let hold: Promise<void> | null = null;
    let letGo = () => {};
    const cancelled = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    if (decoder === undefined) hold = cancelled;

    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = async function (...how) {
      await hold;
      return mapAsync.apply(this, how);
    };
    const { prototype } = MessagePort;
    const { postMessage } = prototype;
    const decoders = new WeakMap<MessagePort, string>();
    prototype.postMessage = function (this: MessagePort, message, ...how: unknown[]) {
      for (const event of message?.events ?? []) {
        if (event.type === "start") decoders.set(this, event.decoder);
        else if (decoders.get(this) === decoder) hold = cancelled;
      }
      return Reflect.apply(postMessage, this, [message, ...how]);
    };
    // A run's port hears nothing but its cancellation.
    const heard = Object.getOwnPropertyDescriptor(prototype, "onmessage") as PropertyDescriptor;
    Object.defineProperty(prototype, "onmessage", {
      ...heard,
      set(listener: ((event: MessageEvent) => void) | null) {
        heard.set?.call(this, (event: MessageEvent) => {
          listener?.(event);
          if (event.data?.type === "cancel") letGo();
        });
      },
    });
  }, from);
}
