import { describe, expect, it } from "vitest";
import type { Progress } from "../format/source.js";
import type { ModelRef } from "./model-ref.js";
import { Shelf, type Waiter } from "./shelf.js";

interface Load {
  ref: ModelRef;
  waiter: Required<Waiter>;
  finish(): void;
  fail(error: Error): void;
  isDisposed: boolean;
}

const A: ModelRef = { url: "a" };

function shelfWithLoads() {
  const loads: Load[] = [];
  const shelf = new Shelf(
    (ref, waiter) =>
      new Promise<{ dispose(): void }>((resolve, reject) => {
        const load: Load = {
          ref,
          waiter,
          isDisposed: false,
          finish: () =>
            resolve({
              dispose: () => {
                load.isDisposed = true;
              },
            }),
          fail: reject,
        };
        waiter.signal.addEventListener("abort", () => reject(waiter.signal.reason));
        loads.push(load);
      }),
  );
  return { shelf, loads };
}

describe("Shelf", () => {
  it("makes overlapping loads of one URL one load, with progress for every waiter", async () => {
    const { shelf, loads } = shelfWithLoads();
    const seen: [number, Progress][] = [];
    const first = shelf.take(A, { onProgress: (progress) => seen.push([1, progress]) });
    const second = shelf.take(A, { onProgress: (progress) => seen.push([2, progress]) });
    loads[0].waiter.onProgress({ loadedBytes: 1, totalBytes: 2 });
    loads[0].finish();
    expect(await first).toBe(await second);
    expect(loads).toHaveLength(1);
    expect(seen.map(([who]) => who)).toEqual([1, 2]);
  });

  it("frees a model at its last release and not before", async () => {
    const { shelf, loads } = shelfWithLoads();
    const both = Promise.all([shelf.take(A), shelf.take(A)]);
    loads[0].finish();
    await both;
    shelf.release(A);
    expect(loads[0].isDisposed).toBe(false);
    shelf.release(A);
    expect(loads[0].isDisposed).toBe(true);
    expect(shelf.loaded).toHaveLength(0);
  });

  it("goes on loading while one waiter is left, and aborts when the last one leaves", async () => {
    const { shelf, loads } = shelfWithLoads();
    const aborts = [new AbortController(), new AbortController()];
    const takes = aborts.map(({ signal }) => shelf.take(A, { signal }));
    aborts[0].abort();
    await expect(takes[0]).rejects.toThrow(/abort/i);
    expect(loads[0].waiter.signal.aborted).toBe(false);
    aborts[1].abort();
    await expect(takes[1]).rejects.toThrow(/abort/i);
    expect(loads[0].waiter.signal.aborted).toBe(true);
  });

  it("disposes of a model that arrives after everybody has left", async () => {
    const loads: { isDisposed: boolean; finish(): void }[] = [];
    const shelf = new Shelf(
      () =>
        new Promise<{ dispose(): void }>((resolve) => {
          const load = { isDisposed: false, finish: () => resolve({ dispose: () => (load.isDisposed = true) }) };
          loads.push(load);
        }),
    );
    const abort = new AbortController();
    const take = shelf.take(A, { signal: abort.signal });
    abort.abort();
    await expect(take).rejects.toThrow();
    loads[0].finish();
    await Promise.resolve();
    expect(loads[0].isDisposed).toBe(true);
  });

  it("loads again after a failed load", async () => {
    const { shelf, loads } = shelfWithLoads();
    const first = shelf.take(A);
    loads[0].fail(new Error("missing"));
    await expect(first).rejects.toThrow("missing");
    const second = shelf.take(A);
    loads[1].finish();
    await second;
    expect(shelf.loaded).toHaveLength(1);
  });

  it("keeps the references of a model that was lost with its device and loads it once more", async () => {
    const { shelf, loads } = shelfWithLoads();
    const first = shelf.take(A);
    loads[0].finish();
    await first;
    shelf.forget();
    expect(loads[0].isDisposed).toBe(true);
    const again = shelf.again(A);
    loads[1].finish();
    await again;
    shelf.release(A);
    expect(shelf.loaded).toHaveLength(1);
    shelf.release(A);
    expect(shelf.loaded).toHaveLength(0);
  });

  it("tries again for a holder whose model couldn't be loaded onto the new device", async () => {
    const { shelf, loads } = shelfWithLoads();
    const first = shelf.take(A);
    loads[0].finish();
    await first;
    shelf.forget();
    const failed = shelf.again(A);
    loads[1].fail(new Error("offline"));
    await expect(failed).rejects.toThrow("offline");
    const again = shelf.again(A);
    loads[2].finish();
    await again;
    expect(shelf.loaded).toHaveLength(1);
  });

  it("refuses a model that nobody holds", async () => {
    const { shelf } = shelfWithLoads();
    await expect(shelf.again(A)).rejects.toMatchObject({ code: "disposed" });
  });
});
