import { resolveObjectURL } from "node:buffer";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startBlobWorker } from "./blob-worker.js";

/** What a worker of the page is to the page: a URL, and messages out of it. */
class FakeWorker extends EventTarget {
  constructor(readonly url: string) {
    super();
  }

  /** What the page answers to a wish for a part. */
  ask(part: string): Promise<{ url?: string; error?: Error }> {
    const { port1, port2 } = new MessageChannel();
    this.dispatchEvent(new MessageEvent("message", { data: { part }, ports: [port2] }));
    return new Promise((resolve) => {
      port1.onmessage = ({ data }) => {
        port1.close();
        resolve(data);
      };
    });
  }
}

const textAt = async (url = "") => (await resolveObjectURL(url)?.text()) ?? "";
const loadOf = (text: string) => vi.fn(async () => ({ default: text }));
let parts: Record<string, { load: ReturnType<typeof loadOf>; imports: string[] }>;
let worker: FakeWorker;

beforeEach(async () => {
  vi.stubGlobal("Worker", FakeWorker);
  parts = {
    "worker.js": { load: loadOf("begin"), imports: [] },
    "shared.js": { load: loadOf('import"part:worker.js"'), imports: ["worker.js"] },
    "a.js": { load: loadOf('import"part:shared.js";import"part:worker.js"'), imports: ["worker.js", "shared.js"] },
  };
  const whole = () => Promise.reject(new Error("not asked for"));
  worker = (await startBlobWorker("worker.js", parts, whole)) as unknown as FakeWorker;
});

afterEach(() => vi.unstubAllGlobals());

it("begins with its own text alone", async () => {
  expect(await textAt(worker.url)).toMatch(/begin$/);
  expect(parts["a.js"].load).not.toHaveBeenCalled();
});

it("gives a part one URL, whose text imports by the URLs of others", async () => {
  const [{ url }, again] = await Promise.all([worker.ask("a.js"), worker.ask("a.js")]);
  expect(again.url).toBe(url);
  const shared = /import"(blob:[^"]+)";import"(blob:[^"]+)"/.exec(await textAt(url));
  expect(shared?.[2]).toBe(worker.url);
  expect(await textAt(shared?.[1])).toBe(`import"${worker.url}"`);
  for (const { load } of Object.values(parts)) expect(load).toHaveBeenCalledTimes(1);
});

it("says why a part can't be had, and tries again when it is asked for again", async () => {
  parts["shared.js"].load.mockRejectedValueOnce(new TypeError("offline"));
  expect((await worker.ask("a.js")).error?.message).toBe("offline");
  expect((await worker.ask("a.js")).url).toMatch(/^blob:/);
});
