import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ModelLoadError } from "../vocabulary/errors.js";
import { openCheckpoint, readAll } from "./checkpoint.js";
import { httpSource } from "./http-source.js";
import { widen } from "./widen.js";
import { writeSafetensors } from "../testing/write-safetensors.js";

/** Longer than any gap that is passed over. */
const body = new Uint8Array(20 << 20);
for (let i = 0; i < body.length; i += 1009) body[i] = i % 251;

const shards = ["a", "b", "c"].map((name, i) =>
  writeSafetensors(new Map([[name, { shape: [2, 2], values: Float32Array.of(i, 1, 2, 3) }]])),
);

const send = (file: Uint8Array, takesRanges: boolean): RequestListener => {
  return (request, response) => {
    const begin = takesRanges ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
    const isPart = takesRanges && request.headers.range !== undefined;
    response.writeHead(isPart ? 206 : 200, {
      "content-length": file.length - begin,
      ...(isPart && { "content-range": `bytes ${begin}-${file.length - 1}/${file.length}` }),
      etag: tag,
    });
    response.end(file.subarray(begin));
  };
};
const answers: Record<string, RequestListener> = {
  "/m/whole": send(body, false),
  "/m/ranges": send(body, true),
  "/m/untold": (_request, response) => response.write(body.subarray(0, 1000), () => response.end(body.subarray(1000))),
  "/m/cut": (_request, response) => {
    response.setHeader("content-length", 1000).write(body.subarray(0, 500), () => response.destroy());
  },
  "/m/page": (_request, response) => response.setHeader("content-length", 15).end("<!doctype html>"),
  "/m/silent": (request, response) => {
    const begin = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = { "content-range": `bytes ${begin}-999/1000` };
    response.writeHead(request.headers.range ? 206 : 200, { "content-length": 1000 - begin, ...range });
    if (begin > 0) response.end(body.subarray(begin, 1000));
    else response.write(body.subarray(0, 500), () => numSilent++);
  },
  "/m/mute": (_request, response) => {
    response.writeHead(200, { "content-length": 1000 }).flushHeaders();
    numSilent++;
  },
  "/m/slow": (_request, response) => response.setHeader("content-length", 1000).write(body.subarray(0, 500)),
  "/m/model.safetensors.index.json": (_request, response) => {
    const weight_map = { a: "0.safetensors", b: "1.safetensors", c: "2.safetensors" };
    response.end(JSON.stringify({ weight_map }));
  },
  ...Object.fromEntries(shards.map((file, i) => [`/m/${i}.safetensors`, send(file, true)])),
};

let server: Server;
let url = "";
let tag = '"1"';
let asked: string[] = [];
/** Requests that nothing more is answered to. */
let numSilent = 0;
let numRung = 0;
/** Alarms that are set: none rings of itself. */
const alarms = new Set<() => void>();
const alarm = (_ms: number, ring: () => void) => {
  const due = () => {
    alarms.delete(due);
    ring();
  };
  alarms.add(due);
  return () => alarms.delete(due);
};
/** Lets the time pass that a silent server is waited for, until `act` is over. */
async function withoutPatience<T>(act: Promise<T>): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  act.then(end, end);
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    // Once until people would be told, and once more: not of the next request, which may be on its way.
    if (numSilent < asked.length || numRung >= 2 * numSilent) continue;
    for (const ring of alarms) {
      numRung++;
      ring();
    }
  }
  return act;
}

beforeAll(async () => {
  server = createServer((request: IncomingMessage, response) => {
    asked.push([request.url?.slice(3), request.headers.range].filter(Boolean).join(" "));
    const answer = answers[request.url ?? ""];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  numSilent = numRung = 0;
  tag = '"1"';
});

describe("a file on a server", () => {
  it("is one request, whatever is read of it in order, with gaps and by reads that overlap", async () => {
    const file = await httpSource(url).file("whole");
    expect(file.byteLength).toBe(body.length);
    const places = [0, 8, 100, 5000, 1_000_000, 1_300_000, 4_000_000];
    const parts = await Promise.all(places.map((begin, i) => file.read(begin, (places[i + 1] ?? body.length) - i)));
    for (const [i, part] of parts.entries()) {
      expect(Buffer.compare(part, body.subarray(places[i], places[i] + part.length))).toBe(0);
    }
    await file.close();
    expect(asked).toEqual(["whole"]);
  });

  it.each(["ranges", "whole"])("gives what lies behind, or far ahead, from there on: %s", async (name) => {
    const file = await httpSource(url).file(name);
    for (const begin of [1000, 12 << 20, 3000, 3010]) {
      expect(await file.read(begin, begin + 10)).toEqual(body.slice(begin, begin + 10));
    }
    await file.close();
    expect(asked).toEqual([name, `${name} bytes=${12 << 20}-`, `${name} bytes=3000-`]);
  });

  it("is read whole where its length isn't known", async () => {
    const file = await httpSource(url).file("untold");
    expect(file.byteLength).toBe(body.length);
    expect(await file.read(999, 1009)).toEqual(body.slice(999, 1009));
    await file.close();
    expect(asked).toEqual(["untold"]);
  });

  it.each([
    ["cut", "truncated", /m\/cut broke off after 500 of 1000 bytes.*load it again/],
    ["page", "missing_file", /m\/page answered with a web page/],
    ["none", "missing_file", /none is missing in http.*404/],
  ])("is refused where it is %s", async (name, code, message) => {
    const act = async () => (await httpSource(url).file(name)).read(0, 1000);
    const error: unknown = await act().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelLoadError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("goes on from the byte that was reached where the server falls silent, and ends in an error where it stays so", async () => {
    const file = await httpSource(url, alarm).file("silent");
    await file.read(0, 500);
    expect(await withoutPatience(file.read(500, 1000))).toEqual(body.slice(500, 1000));
    expect(asked).toEqual(["silent", "silent bytes=500-"]);
    await file.close();
    numSilent = asked.length;
    numRung = 2 * numSilent;
    const mute = httpSource(url, alarm);
    const acts: (() => Promise<unknown>)[] = [
      async () => (await mute.file("mute")).read(0, 1000),
      () => mute.bytes("mute"),
      () => mute.has("mute"),
    ];
    for (const act of acts) await expect(withoutPatience(act())).rejects.toThrow(/sent nothing for 30 s/);
    expect(asked.length).toBeLessThan(20);
  });

  it("is refused where it has changed since it was opened", async () => {
    const file = await httpSource(url).file("ranges");
    await file.read(5000, 5010);
    tag = '"2"';
    await expect(file.read(0, 10)).rejects.toThrow(/m\/ranges has changed on its server .*"1", now "2"/);
    await file.close();
  });

  it("stops a read with an AbortError, by its own signal and by that of the file", async () => {
    for (const isOwn of [true, false]) {
      const stop = new AbortController();
      const file = await httpSource(url).file("slow", isOwn ? undefined : stop.signal);
      const reading = file.read(0, 1000, isOwn ? stop.signal : undefined);
      stop.abort();
      await expect(reading).rejects.toMatchObject({ name: "AbortError" });
      await file.close();
    }
  });
});

it("shards of a server may be read together, in any order", async () => {
  const checkpoint = await openCheckpoint(httpSource(url));
  const names = ["c", "a", "b", "a", "c", "b", "b", "a"];
  const tensors = await Promise.all(names.map((name) => checkpoint.read(name)));
  expect(tensors.map((tensor) => widen(tensor)[0])).toEqual(names.map((name) => "abc".indexOf(name)));
  await checkpoint.close();
});

it("shards of a server stream one after the other: one request each, and one more for each but the first", async () => {
  const checkpoint = await openCheckpoint(httpSource(url));
  const tensors = await readAll(checkpoint);
  expect([...tensors].map(([name, tensor]) => [name, ...widen(tensor)])).toEqual([
    ["a", 0, 1, 2, 3],
    ["b", 1, 1, 2, 3],
    ["c", 2, 1, 2, 3],
  ]);
  const starts = shards.map((file) => file.length - 16);
  expect(asked.filter((path) => /^\d/.test(path))).toEqual([
    "2.safetensors",
    "1.safetensors",
    "0.safetensors",
    `1.safetensors bytes=${starts[1]}-`,
    `2.safetensors bytes=${starts[2]}-`,
  ]);
});
