import { expect } from "@playwright/test";
import type { CDPSession } from "@playwright/test";
import { generate, openBare, test } from "./triptych-page.js";

/** Bytes of the JS heap, after a collection, of whatever `send` talks to. */
async function heapBytes(send: (method: string) => Promise<unknown>): Promise<number> {
  await send("HeapProfiler.collectGarbage");
  return ((await send("Runtime.getHeapUsage")) as { usedSize: number }).usedSize;
}

/** Sends to the page's one worker; Playwright has no session for workers, so messages go through the page's. */
async function connectWorker(session: CDPSession): Promise<(method: string) => Promise<unknown>> {
  const attached = new Promise<string>((resolve) => {
    session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      if (targetInfo.type === "worker") resolve(sessionId);
    });
  });
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false });
  const sessionId = await attached;
  const waiting = new Map<number, (result: unknown) => void>();
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result } = JSON.parse(message) as { id: number; result: unknown };
    waiting.get(id)?.(result);
  });
  let id = 0;
  return async (method) => {
    const message = JSON.stringify({ id: ++id, method });
    const result = new Promise((resolve) => waiting.set(id, resolve));
    await session.send("Target.sendMessageToTarget", { sessionId, message });
    return result;
  };
}

test("20 generations leave GPU memory exactly as it was and the JS heaps of page and worker about so", async ({
  page,
}) => {
  await openBare(page, '<triptych-compare models="/models/" temperature="0.7" max-new-tokens="4"></triptych-compare>');
  const write = async (seed: number) => {
    await page.evaluate(
      (value) => document.querySelector("triptych-compare")?.setAttribute("seed", String(value)),
      seed,
    );
    await generate(page, "triptych-compare", "Once upon a time");
  };
  for (let seed = 0; seed < 3; seed++) await write(seed);
  const session = await page.context().newCDPSession(page);
  const sendToWorker = await connectWorker(session);
  const measure = async () => {
    const stats = await page.evaluate(async () => {
      const path = "/dist/index.js";
      return (await import(path)).stats();
    });
    const pageHeapBytes = await heapBytes((method) => session.send(method as "Runtime.getHeapUsage"));
    return { ...stats, pageHeapBytes, workerHeapBytes: await heapBytes(sendToWorker) };
  };
  const before = await measure();
  for (let seed = 3; seed < 23; seed++) await write(seed);
  const after = await measure();
  expect(after.gpuBytes).toBe(before.gpuBytes);
  expect(after).toMatchObject({ workers: 1, devices: 1, models: before.models, sessions: before.sessions, runs: 0 });
  expect(after.pageHeapBytes - before.pageHeapBytes).toBeLessThan(2e6);
  expect(after.workerHeapBytes - before.workerHeapBytes).toBeLessThan(2e6);
});
