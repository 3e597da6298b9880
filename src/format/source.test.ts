import { randomBytes } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { fileSource } from "./file-source.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { httpSource } from "./http-source.js";
import { folderName, memorySource, type ModelSource, optionalJson, type Progress, missingFile } from "./source.js";

const body = new TextEncoder().encode('{"a":1}');

const ranges = new Set<string>();

const answers: Record<string, RequestListener> = {
  "/m/config.json": (_request, response) => response.end(body),
  "/m/part.bin": (request, response) => {
    ranges.add(request.headers.range ?? "");
    response.writeHead(206, { "content-range": "bytes 0-0/7", "content-length": 1 }).end(body.subarray(0, 1));
  },
  "/m/chunked.json": (_request, response) => response.write(body.slice(0, 3), () => response.end(body.slice(3))),
  "/m/page.json": (_request, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"),
  "/m/broken.json": (_request, response) => response.end("{broken"),
  "/m/forbidden": (_request, response) => response.writeHead(403).end(),
  "/m/failing": (_request, response) => response.writeHead(503).end(),
  "/m/busy": (_request, response) => response.writeHead(429).end(),
  // Hangs for HEAD.
  "/m/getonly.json": (request, response) => request.method === "GET" && response.end(body),
  "/m/cut": (_request, response) => {
    response.setHeader("content-length", 1000).write(body, () => response.destroy());
  },
  // What says nothing of itself.
  "/m/untold.json": (_request, response) => response.end("\n<!DOCTYPE html><html></html>"),
  "/m/shouted.json": (_request, response) => response.setHeader("content-type", "Text/HTML").end("{}"),
  "/m/xml.json": (_request, response) => response.setHeader("content-type", "application/xhtml+xml").end("{}"),
  "/m/packed.json": (_request, response) => {
    const packed = gzipSync(body);
    response.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length }).end(packed);
  },
  "/m/packed-cut": (_request, response) => {
    const packed = gzipSync(randomBytes(4000));
    response.writeHead(200, { "content-encoding": "gzip" }).end(packed.subarray(0, 2000));
  },
  "/m/unpacked.json": (_request, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end("this is no gzip"),
  "/m/plain.json": (_request, response) =>
    response.writeHead(200, { "content-encoding": "identity", "content-length": body.length }).end(body),
  "/m/moved.json": (_request, response) => response.writeHead(302, { location: "/m/config.json" }).end(),
  "/m/moved-to-login.json": (_request, response) => response.writeHead(302, { location: "/m/page.json" }).end(),
  "/m/round.json": (_request, response) => response.writeHead(302, { location: "/m/round.json" }).end(),
  "/m/huge": (_request, response) => {
    response.setHeader("content-length", "9007199254740991").write(body);
  },
  "/m/short.json": (_request, response) => {
    response.setHeader("content-length", 4);
    response.strictContentLength = false;
    response.end(body);
  },
  "/m/empty.json": (_request, response) => response.end(),
  "/m/endless": (_request, response) => {
    response.setHeader("content-length", 1000).write(body);
  },
};

let server: Server;
let url = "";
const methods = new Set<string>();

beforeAll(async () => {
  server = createServer((request, response) => {
    methods.add(request.method ?? "");
    const answer = answers[(request.url ?? "").split("?")[0]];
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

async function refusal(act: Promise<unknown>): Promise<ModelLoadError> {
  const error: unknown = await act.then(
    () => new Error("nothing was refused"),
    (reason: unknown) => reason,
  );
  if (error instanceof ModelLoadError) return error;
  throw error;
}

describe("a model folder over HTTP", () => {
  it("gives files, with or without a length, below a URL with a slash or a query", async () => {
    for (const folder of [url, `${url}/`, `${url}?revision=1`]) {
      expect(await httpSource(folder).json("config.json")).toEqual({ a: 1 });
      expect(await httpSource(folder).bytes("chunked.json")).toEqual(body);
    }
  });

  it("gives files that are packed or moved, and the next file as if nothing had gone wrong before it", async () => {
    const source = httpSource(url);
    for (const name of ["packed.json", "plain.json", "moved.json"]) expect(await source.json(name)).toEqual({ a: 1 });
    for (const name of ["cut", "packed-cut", "huge", "short.json", "round.json", "failing"]) {
      await refusal(source.json(name));
      expect(await source.json("config.json")).toEqual({ a: 1 });
    }
  });

  it("reports progress up to the length, and null as total where the length is unknown", async () => {
    const seen: Progress[] = [];
    await httpSource(url).bytes("config.json", (progress) => seen.push(progress));
    expect(seen.at(-1)).toEqual({ loadedBytes: 7, totalBytes: 7 });
    await httpSource(url).bytes("chunked.json", (progress) => seen.push(progress));
    expect(seen.at(-1)).toEqual({ loadedBytes: 7, totalBytes: null });
  });

  it("asks for a file that may be missing as for any other, whatever the server says to a mere question", async () => {
    const source = httpSource(url);
    expect(await optionalJson(source, "getonly.json")).toEqual({ a: 1 });
    for (const name of ["none", "page.json", "untold.json", "forbidden"])
      expect(await optionalJson(source, name)).toBeNull();
    expect(methods).toEqual(new Set(["GET"]));
  });

  it("knows which files a folder has, from a server that gives a part and from one that gives all or nothing", async () => {
    const source = httpSource(url);
    for (const name of ["config.json", "part.bin", "getonly.json", "moved.json", "endless", "empty.json"])
      expect(await source.has(name), name).toBe(true);
    for (const name of ["none", "page.json", "untold.json", "forbidden"])
      expect(await source.has(name), name).toBe(false);
    expect((await refusal(source.has("failing"))).code).toBe("server_error");
    expect(ranges).toEqual(new Set(["bytes=0-0"]));
  });

  it("takes a refusal for a missing file, but neither a failing server nor one that is asked too often", async () => {
    expect((await refusal(optionalJson(httpSource(url), "failing"))).code).toBe("server_error");
    expect((await refusal(optionalJson(httpSource(url), "busy"))).code).toBe("server_error");
    expect((await refusal(optionalJson(httpSource(url), "broken.json"))).code).toBe("bad_json");
  });

  it("aborts no request: bodies that nobody wants are read to their end", async () => {
    const cancel = vi.spyOn(ReadableStream.prototype, "cancel");
    for (const name of ["none", "page.json", "forbidden"]) await optionalJson(httpSource(url), name);
    expect(cancel).not.toHaveBeenCalled();
    cancel.mockRestore();
  });

  it.each([
    ["none", "missing_file", /none is missing in http.*404/],
    ["page.json", "missing_file", /page\.json answered with a web page/],
    ["broken.json", "bad_json", /broken\.json in http.*isn't valid JSON .*"\{broken"/],
    ["forbidden", "refused", /m\/forbidden answered with status 403: check/],
    ["failing", "server_error", /m\/failing answered with status 503: try again/],
    ["cut", "truncated", /m\/cut broke off after 7 of 1000 bytes.*load it again/],
    ["untold.json", "missing_file", /untold\.json answered with a web page/],
    ["shouted.json", "missing_file", /shouted\.json answered with a web page/],
    ["xml.json", "missing_file", /xml\.json answered with a web page/],
    ["moved-to-login.json", "missing_file", /moved-to-login\.json answered with a web page/],
    ["round.json", "unreachable", /round\.json can't be reached \(.+\)/],
    ["unpacked.json", "truncated", /unpacked\.json broke off after 0 of/],
    ["huge", "too_large", /m\/huge is said to have 9007199254740991 bytes or more/],
    ["short.json", "bad_json", /short\.json in http.*isn't valid JSON/],
    ["empty.json", "bad_json", /empty\.json in http.*it starts with ""/],
  ])("refuses %s with code %s", async (name, code, message) => {
    const error = await refusal(httpSource(url).json(name));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("\n");
  });

  it("counts the bytes itself where fetch ends a short body without an error, but bears more than announced", async () => {
    const answerWith = (length: string) => async () => new Response(body, { headers: { "content-length": length } });
    const fetching = vi.spyOn(globalThis, "fetch");
    fetching.mockImplementation(answerWith("8"));
    expect((await refusal(httpSource(url).bytes("short"))).message).toMatch(/broke off after 7 of 8 bytes/);
    fetching.mockImplementation(answerWith("5"));
    expect(await httpSource(url).bytes("unpacked")).toEqual(body);
    fetching.mockRestore();
  });

  it("says of a GGUF file and of an adapter what those lack, not what a model's folder needs", () => {
    expect(missingFile("m.gguf", "http://host/").message).toBe(
      "m.gguf is missing in http://host/: nothing is there by this name: look for a slip in the address.",
    );
    expect(missingFile("adapter_config.json", "mine").message).toBe(
      "adapter_config.json is missing in mine: an adapter of PEFT is a folder with adapter_config.json and adapter_model.safetensors.",
    );
    expect(missingFile("config.json", "http://host/").message).toMatch(/a model folder needs config\.json/);
  });

  it("says that a server can't be reached", async () => {
    const error = await refusal(httpSource("http://127.0.0.1:1/m").json("config.json"));
    expect(error.code).toBe("unreachable");
    expect(error.message).toMatch(/127\.0\.0\.1:1\/m\/config\.json can't be reached/);
  });

  it("stops with an AbortError in the middle of a body", async () => {
    const stop = new AbortController();
    const loading = httpSource(url).bytes("endless", () => stop.abort(), stop.signal);
    await expect(loading).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe.each<[string, () => ModelSource]>([
  ["on disk", () => fileSource(new URL("../../tests/fixtures/models/llama", import.meta.url).pathname)],
  ["in memory", () => memorySource(new Map<string, unknown>([["config.json", { model_type: "llama" }]]), "memory")],
])("a model folder %s", (_where, open) => {
  it("gives its files and their size as progress", async () => {
    const seen: Progress[] = [];
    const bytes = await open().bytes("config.json", (progress) => seen.push(progress));
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(await open().json("config.json"));
    expect(seen.at(-1)).toEqual({ loadedBytes: bytes.length, totalBytes: bytes.length });
    expect(bytes.byteOffset % 4).toBe(0);
  });

  it("knows which files it has", async () => {
    expect(await open().has("config.json")).toBe(true);
    expect(await open().has("none.json")).toBe(false);
  });

  it("names a missing file and the folder", async () => {
    const source = open();
    // One after the other: a rejection that waits its turn would count as unhandled.
    for (const act of [() => source.json("none.json"), () => source.bytes("none.json")]) {
      const error = await refusal(act());
      expect(error.code).toBe("missing_file");
      expect(error.message).toContain(`none.json is missing in ${source.url}`);
    }
    expect(await optionalJson(source, "none.json")).toBeNull();
    expect(await optionalJson(source, "config.json")).toMatchObject({ model_type: "llama" });
  });

  it("stops with an AbortError", async () => {
    const signal = AbortSignal.abort();
    await expect(open().bytes("config.json", undefined, signal)).rejects.toMatchObject({ name: "AbortError" });
    await expect(open().json("config.json", signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});

it.each([
  ["/models/story-ar/", "story-ar"],
  ["https://huggingface.co/owner/name/tree/main/", "name"],
  ["https://huggingface.co/owner/name/blob/main/x.gguf", "x.gguf"],
  ["https://a.b/c?v=1", "c"],
])("the folder %s is called %s", (url, name) => {
  expect(folderName(url)).toBe(name);
});
