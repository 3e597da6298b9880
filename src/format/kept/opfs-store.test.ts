import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { opfsStore } from "./opfs-store.js";
import { readPart, type Store, writePart } from "./store.js";

/** Bytes that the storage still takes. */
let freeBytes = Number.POSITIVE_INFINITY;
/** How it refuses more: by an error, as a write of nothing, or by the number that Chromium 156 returns. */
let refusal: "error" | "nothing" | "number" = "error";
/** What a file does that is moved onto another. */
let moving: "overwrites" | "refuses" = "overwrites";
/** Reads that fail since a file has changed meanwhile. */
let numChanged = 0;
let numOpen = 0;

/** As much of a browser's file system as the store asks for. */
class FakeFolder {
  readonly files = new Map<string, Uint8Array>();
  readonly folders = new Map<string, FakeFolder>();
  private readonly missing = (name: string) => new DOMException(`no ${name}`, "NotFoundError");

  async getDirectoryHandle(name: string, { create = false } = {}) {
    const found = this.folders.get(name) ?? (create ? new FakeFolder() : null);
    if (!found) throw this.missing(name);
    this.folders.set(name, found);
    return found;
  }

  async getFileHandle(name: string, { create = false } = {}) {
    if (!this.files.has(name)) {
      if (!create) throw this.missing(name);
      this.files.set(name, new Uint8Array(0));
    }
    return {
      kind: "file",
      getFile: async () => {
        if (numChanged-- > 0) throw new DOMException("changed", "NotReadableError");
        return new Blob([this.files.get(name) as Uint8Array<ArrayBuffer>]);
      },
      createSyncAccessHandle: async () => this.handle(name),
      move: async (parent: unknown, to: string) => {
        if (parent !== this) throw new TypeError("no folder");
        if (moving === "refuses" && this.files.has(to)) throw new DOMException("there", "InvalidModificationError");
        this.files.set(to, this.files.get(name) as Uint8Array);
        this.files.delete(name);
      },
    };
  }

  async *entries() {
    for (const name of this.files.keys()) yield [name, await this.getFileHandle(name)] as const;
  }

  async removeEntry(name: string) {
    if (!this.files.delete(name) && !this.folders.delete(name)) throw this.missing(name);
  }

  private handle(name: string) {
    numOpen++;
    const bytes = () => this.files.get(name) as Uint8Array;
    return {
      write: (more: Uint8Array, { at }: { at: number }) => {
        // Some of it, and the rest refused with the next write.
        const taken = more.subarray(0, freeBytes);
        if (taken.length === 0 && refusal === "error") throw new DOMException("full", "QuotaExceededError");
        if (taken.length === 0 && refusal === "number") return 2 ** 32 - 8;
        freeBytes -= taken.length;
        const grown = new Uint8Array(at + taken.length);
        grown.set(bytes().subarray(0, at));
        grown.set(taken, at);
        this.files.set(name, grown);
        return taken.length;
      },
      truncate: (size: number) => this.files.set(name, bytes().slice(0, size)),
      flush: () => {},
      close: () => numOpen--,
    };
  }
}

let store: Store;
beforeEach(async () => {
  [freeBytes, refusal, numOpen] = [Number.POSITIVE_INFINITY, "error", 0];
  [moving, numChanged] = ["overwrites", 0];
  const root = new FakeFolder();
  vi.stubGlobal("FileSystemFileHandle", { prototype: { move() {} } });
  vi.stubGlobal("navigator", { storage: { getDirectory: async () => root } });
  store = await opfsStore(100);
});
afterEach(() => vi.unstubAllGlobals());

it.each(["error", "nothing", "number"] as const)(
  "keeps a record where the storage is full in the midst of the next one, which it says by %s",
  async (how) => {
    refusal = how;
    await writePart(store, "models", "a", { used: ["it"] });
    freeBytes = 5;
    await expect(writePart(store, "models", "a", { used: ["it", "another"] })).rejects.toMatchObject({
      name: "QuotaExceededError",
    });
    expect(await readPart(store, "models", "a")).toEqual({ used: ["it"] });
    await expect(writePart(store, "models", "b", { used: [] })).rejects.toThrow();
    expect([...(await store.parts("models")).keys()]).toEqual(["a"]);
    freeBytes = Number.POSITIVE_INFINITY;
    await writePart(store, "models", "a", { used: [] });
    expect(await readPart(store, "models", "a")).toEqual({ used: [] });
    expect(numOpen).toBe(0);
  },
);

it("counts of a part what was taken whole, where the storage is full in the midst of a piece", async () => {
  const writer = await store.write("file", "0");
  await writer.write(Uint8Array.of(1, 2, 3));
  freeBytes = 2;
  await expect(writer.write(Uint8Array.of(4, 5, 6))).rejects.toMatchObject({ name: "QuotaExceededError" });
  await writer.close();
  expect([...(await store.parts("file"))]).toEqual([["0", 3]]);
  expect(await store.read("file", "0", 0, 3)).toEqual(Uint8Array.of(1, 2, 3));
  expect(numOpen).toBe(0);
});

it("replaces a record where files can't be moved onto others, and where they can't be moved", async () => {
  moving = "refuses";
  for (const used of ["one", "another"]) await writePart(store, "models", "a", { used });
  vi.stubGlobal("FileSystemFileHandle", { prototype: {} });
  expect(await readPart(store, "models", "a")).toEqual({ used: "another" });
  await writePart(store, "models", "a", { used: "a third" });
  expect(await readPart(store, "models", "a")).toEqual({ used: "a third" });
  expect([...(await store.parts("models")).keys()]).toEqual(["a"]);
});

it("reads a record anew that another tab has replaced in the midst of it", async () => {
  await writePart(store, "models", "a", { used: ["it"] });
  const size = (await store.parts("models")).get("a") as number;
  numChanged = 2;
  expect((await store.read("models", "a", 0, size)).length).toBe(size);
  numChanged = 99;
  await expect(store.read("models", "a", 0, size)).rejects.toThrow("changed");
});
