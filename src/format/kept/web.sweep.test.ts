import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptBed } from "../../testing/kept-bed.js";
import { folderStore, inWritable } from "./folder-store.js";
import { bulletin, mutex } from "./keeping.js";
import { StoredModels } from "../../runtime/stored-models.js";
import { optionalJson } from "../source.js";
import { nodeKeeping } from "./node-keeping.js";
import { memoryStore, readPart, writePart } from "./store.js";

const FILE = "model.safetensors";
const one = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
const two = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) % 253);

let server: Server;
let url = "";
let folder = "";
let answer: RequestListener;
const ranges: (string | null)[] = [];

/** A server of one file, cut after so many bytes. */
const serve =
  (
    bytes: Uint8Array,
    headers: Record<string, string>,
    how: { cutAfter?: number; ranges?: boolean } = {},
  ): RequestListener =>
  (request, response) => {
    if (!request.url?.endsWith(FILE)) return void response.writeHead(404).end();
    const begin = how.ranges === false ? 0 : Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const isRanged = begin > 0 || (how.ranges !== false && request.headers.range !== undefined);
    const body = bytes.subarray(begin);
    const range = isRanged ? { "content-range": `bytes ${begin}-${bytes.length - 1}/${bytes.length}` } : {};
    response.writeHead(isRanged ? 206 : 200, { "content-length": body.length, ...range, ...headers });
    if (how.cutAfter === undefined) response.end(body);
    else response.write(body.subarray(0, how.cutAfter), () => response.socket?.end());
  };

beforeEach(async () => {
  server = createServer((request, response) => {
    if (request.url?.endsWith(FILE)) ranges.push(request.headers.range ?? null);
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/model/`;
  folder = await mkdtemp(path.join(os.tmpdir(), "kept-"));
  ranges.length = 0;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const visit = () => new KeptBed(folderStore(folder, 30_000));
const load = async (bed: KeptBed) => (await bed.models.source(url)).bytes(FILE);
const expectBytes = (bytes: Uint8Array, expected: Uint8Array) => expect(Buffer.compare(bytes, expected)).toBe(0);
/** A visit that a server cuts for good after some bytes. */
async function cutShort(headers: Record<string, string>, bytes = one): Promise<void> {
  let numRequests = 0;
  answer = (request, response) =>
    numRequests++ === 0 ? serve(bytes, headers, { cutAfter: 80_000 })(request, response) : response.destroy();
  await expect(load(visit())).rejects.toMatchObject({ code: expect.stringMatching(/truncated|unreachable/) });
}

describe("a folder of another origin, kept in a folder of this machine", () => {
  it.each([
    ["an ETag", { etag: '"1"' }],
    ["a date", { "last-modified": "Mon, 30 Nov 2026 10:00:00 GMT" }],
    ["no validator", {}],
  ])("goes on where it was cut, with %s", async (_, headers) => {
    await cutShort(headers);
    answer = serve(one, headers);
    expectBytes(await load(visit()), one);
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it("isn't listed where nothing has come from it: a slip in an address leaves nothing to delete", async () => {
    answer = (_, response) => response.writeHead(404).end();
    const bed = visit();
    await expect(load(bed)).rejects.toMatchObject({ code: "missing_file" });
    expect(await bed.models.list()).toEqual([]);
    answer = serve(one, {});
    await load(bed.again());
    expect((await bed.again().models.list()).map(({ storedBytes }) => storedBytes)).toEqual([one.length]);
  });

  it.each([
    ["its ETag", { etag: '"1"' }, { etag: '"2"' }, two],
    ["its date", { "last-modified": "a" }, { "last-modified": "b" }, two],
    ["its length", {}, {}, two.subarray(0, 150_000)],
  ])("begins anew, and says so, where %s has changed between two tries", async (_, before, after, bytes) => {
    await cutShort(before);
    answer = serve(bytes, after);
    const bed = visit();
    expectBytes(await load(bed), bytes);
    expect(bed.messages.join()).toMatch(/has changed on its server: it is fetched from its beginning again/);
  });

  it("passes over what it has where a server sends no ranges, if it is the same file", async () => {
    await cutShort({ etag: '"1"' });
    answer = serve(one, { etag: '"1"' }, { ranges: false });
    const bed = visit();
    expectBytes(await load(bed), one);
    expect(bed.messages.join()).not.toMatch(/changed/);
  });

  it("ends in an error, not in a loop, where every connection breaks off at the same byte", async () => {
    answer = serve(one, { etag: '"1"' }, { ranges: false, cutAfter: 80_000 });
    await expect(load(visit())).rejects.toMatchObject({ code: "truncated" });
    expect(ranges.length).toBeLessThan(12);
  });

  it("is asked after at each visit: fetched anew when it has changed, and read without a network", async () => {
    answer = serve(one, { etag: '"1"' });
    expectBytes(await load(visit()), one);
    expectBytes(await load(visit()), one);
    expect(ranges).toEqual([null, "bytes=0-0"]);
    answer = serve(two, { etag: '"2"' });
    expectBytes(await load(visit()), two);
    const offline = new KeptBed(folderStore(folder, 30_000), undefined, undefined, {
      fetch: () => Promise.reject(new TypeError("no network")),
    });
    expectBytes(await load(offline), two);
    await expect((await offline.models.source(url)).json("config.json")).rejects.toMatchObject({ code: "unreachable" });
  });

  it("says why a server can't be reached, as where it sends a request round in a circle", async () => {
    answer = (request, response) => response.writeHead(302, { location: request.url }).end();
    await expect(load(visit())).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/can't be reached \(fetch failed: redirect count exceeded\)/),
    });
  });

  it("says what to do where its folder can't be written in, or the disk is full before a download begins", async () => {
    await writeFile(path.join(folder, "file"), "");
    const onFile = new StoredModels(nodeKeeping(path.join(folder, "file")));
    await expect((await onFile.source(url)).bytes(FILE)).rejects.toMatchObject({
      code: "no_store",
      message: expect.stringMatching(/kept in .*file, where nothing can be written \(\w+\): .*TRIPTYCH_CACHE/),
    });
    const full = Object.assign(new Error("no space left"), { code: "ENOSPC" });
    const hold = () => Promise.reject(full);
    await expect(load(new KeptBed(folderStore(folder), hold))).rejects.toMatchObject({ code: "no_room" });
  });

  it("is read where its folder can't be written in: what is whole as ever, of what isn't the reason is said", async () => {
    answer = serve(one, { etag: '"1"' });
    await load(visit());
    await expect((await visit().models.source(url)).bytes("absent.json")).rejects.toMatchObject({
      code: "missing_file",
    });
    const refused = () =>
      inWritable(folder, () => Promise.reject(Object.assign(new Error("read-only"), { code: "EROFS" })));
    const readOnly = { ...folderStore(folder, 30_000), write: refused, remove: refused };
    const again = () => new KeptBed(readOnly, refused);
    expectBytes(await load(again()), one);
    expect((await again().models.list()).map(({ storedBytes }) => storedBytes)).toEqual([one.length]);
    const offline = new KeptBed(readOnly, refused, undefined, {
      fetch: () => Promise.reject(new TypeError("no network")),
    });
    expectBytes(await load(offline), one);
    answer = serve(two, { etag: '"2"' });
    await expect(load(again())).rejects.toMatchObject({ code: "no_store", message: expect.stringMatching(/EROFS/) });
    // What a model does without is known to be missing still.
    await expect((await again().models.source(url)).bytes("absent.json")).rejects.toMatchObject({
      code: "missing_file",
    });
  });

  it("keeps a record that another can't take the place of, as on a full disk", async () => {
    const store = folderStore(folder);
    await writePart(store, "models", "a", { used: ["it"] });
    const writer = await store.write("models", "a", true);
    await expect(writer.write(null as never)).rejects.toThrow();
    expect([...(await store.parts("models")).keys()]).toEqual(["a"]);
    await writer.close();
    expect(await readPart(store, "models", "a")).toEqual({ used: ["it"] });
    await writePart(store, "models", "a", { used: [] });
    expect(await readPart(store, "models", "a")).toEqual({ used: [] });
    expect(await readdir(path.join(folder, "models"))).toEqual(["a"]);
  });

  it.each([
    ["that says what it is", "text/html"],
    ["that doesn't", ""],
  ])("takes a web page %s for a missing file", async (_, type) => {
    answer = (__, response) => {
      if (type) response.setHeader("content-type", type);
      response.end("<!DOCTYPE html><title>An app</title>".padEnd(200));
    };
    const source = await visit().models.source(url);
    for (const read of [
      () => source.bytes(FILE),
      () => source.json("config.json"),
      async () => (await source.file(FILE)).read(0, 8),
    ]) {
      await expect(read()).rejects.toMatchObject({
        code: "missing_file",
        message: expect.stringMatching(/answered with a web page/),
      });
    }
    expect(await source.has("tokenizer.json")).toBe(false);
    expect(await optionalJson(source, "generation_config.json")).toBeNull();
    expect(await visit().models.list()).toEqual([]);
  });
});

describe("two tabs", () => {
  it("one downloads, the other reads what comes and goes on itself when the first one stops", async () => {
    const store = memoryStore(20_000);
    const [hold, news] = [mutex(), bulletin()];
    const [first, second] = [new KeptBed(store, hold, news), new KeptBed(store, hold, news)];
    const etag = { etag: '"1"' };
    answer = (request, response) => {
      if (request.headers.range !== undefined) return serve(one, etag)(request, response);
      // All but the end, which never comes.
      response.writeHead(200, { "content-length": one.length, ...etag }).write(one.subarray(0, 100_000));
    };
    const abort = new AbortController();
    const leading = expect((await first.models.source(url)).bytes(FILE, undefined, abort.signal)).rejects.toThrow(
      /abort/i,
    );
    await first.heard(({ loadedBytes }) => loadedBytes >= 60_000);
    const file = await (await second.models.source(url)).file(FILE);
    expectBytes(await file.read(10, 50_000), one.subarray(10, 50_000));
    const rest = file.read(0, one.length);
    abort.abort();
    await leading;
    expectBytes(await rest, one);
    expect(ranges.length).toBe(2);
    expect(ranges[1]).toMatch(/^bytes=\d+-$/);
    await file.close();
  });

  it("two processes take turns by a lock, and one that was killed leaves none that counts", async () => {
    await mkdir(path.join(folder, "locks", "a.lock"), { recursive: true });
    await writeFile(path.join(folder, "locks", "a.lock", `${2 ** 30}-gone`), "");
    const locks = [nodeKeeping(folder), nodeKeeping(folder)];
    const order: string[] = [];
    let release = () => {};
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const held = locks[0].hold("a", undefined, async () => {
      order.push("first");
      begun();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    await hasBegun;
    const abort = new AbortController();
    const given = expect(locks[0].hold("a", abort.signal, async () => {})).rejects.toThrow(/abort/i);
    abort.abort();
    await given;
    release();
    await held;
    await locks[1].hold("a", undefined, async () => void order.push("second"));
    expect(order).toEqual(["first", "second"]);
  });
});
