import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How the next answers for a file go wrong; each is used up once. */
export type Mishap =
  /** Answers so, with these headers. */
  | { status: number; headers?: Record<string, string>; error?: string }
  /** The connection breaks off after so many bytes of the body. */
  | { cutAfter: number }
  /** A byte is another one. */
  | { wrongByte: number }
  /** All of it, whatever range was asked for. */
  | { noRanges: true };

/** One request as a server saw it. */
export interface Seen {
  origin: "hub" | "cdn";
  method: string;
  url: string;
  range: string | null;
  authorization: string | null;
  /** Of the body, as far as the connection took them. */
  servedBytes: number;
}

/** A repository of the server. */
export interface Repo {
  files: Map<string, Uint8Array>;
  /** Files of these names are LFS's, and come from the other origin. */
  lfs: ReadonlySet<string>;
  commit: string;
  isGated?: boolean;
  license?: string;
}

const TOKEN = "hf_test";
const EXPOSED =
  "ETag, Content-Range, Content-Length, X-Error-Code, X-Error-Message, X-Repo-Commit, Link, Retry-After, Accept-Ranges";

/** A hub on this machine, and beside it the origin that its large files come from, with what goes wrong on the way. */
export class HubServer {
  readonly repos = new Map<string, Repo>();
  /** By file name: what goes wrong with the next requests for it. */
  readonly mishaps = new Map<string, Mishap[]>();
  readonly seen: Seen[] = [];
  /** Answers are held until this resolves. */
  gate: ((file: string, servedBytes: number) => Promise<void>) | null = null;
  /** A connection breaks off once this resolves: what is on its way then may be lost. */
  beforeCut: (() => Promise<void>) | null = null;
  /** It has no API, as a plain mirror. */
  isMirror = false;
  private readonly hub: Server;
  private readonly cdn: Server;

  constructor() {
    this.hub = createServer((request, response) =>
      this.answer(request, response, (path) => this.answerHub(path, request, response)),
    );
    this.cdn = createServer((request, response) =>
      this.answer(request, response, (path) => this.answerCdn(path, request, response)),
    );
  }

  async listen(): Promise<void> {
    for (const server of [this.hub, this.cdn]) {
      await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    }
  }

  close(): void {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      server.close();
    }
  }

  get url(): string {
    return `http://127.0.0.1:${(this.hub.address() as AddressInfo).port}`;
  }

  get cdnUrl(): string {
    return `http://127.0.0.1:${(this.cdn.address() as AddressInfo).port}`;
  }

  /** Bytes of the bodies of a file, over all requests. */
  servedBytes(file: string): number {
    return this.seenOf(file).reduce((sum, { servedBytes }) => sum + servedBytes, 0);
  }

  /** Requests for the bytes of a file; those that are sent on to the other origin count there. */
  seenOf(file: string): Seen[] {
    return this.seen.filter(({ url, method }) => method === "GET" && url.split("?")[0].endsWith(`/${file}`));
  }

  private answer(request: IncomingMessage, response: ServerResponse, go: (path: string) => Promise<void>): void {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-expose-headers", EXPOSED);
    if (request.method === "OPTIONS") {
      response.setHeader("access-control-allow-headers", "authorization");
      response.writeHead(204).end();
      return;
    }
    go(decodeURIComponent((request.url ?? "/").split("?")[0])).catch(() => response.destroy());
  }

  private async answerHub(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/(.+)$/.exec(path);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const [, name = "", revision = "", wanted = ""] = api ?? file ?? [];
    const repo = this.repos.get(name);
    const seen = this.see("hub", request, api ? null : wanted);
    if (request.method === "HEAD") return refuse(response, 405, "HEAD isn't allowed");
    if (api && this.isMirror) return void response.writeHead(404, { "content-type": "text/html" }).end("<html></html>");
    if (!repo) return refuse(response, 401, "Repository not found", "RepoNotFound");
    if (revision !== "main" && revision !== repo.commit)
      return refuse(response, 404, `Invalid rev id: ${revision}`, "RevisionNotFound");
    if (await this.mishap(api ? "api" : `hub ${wanted}`, response)) return;
    if (api) return sendJson(response, this.listing(name, repo));
    if (repo.isGated && seen.authorization !== `Bearer ${TOKEN}`) {
      return refuse(response, seen.authorization ? 403 : 401, `Access to model ${name} is restricted`, "GatedRepo");
    }
    const bytes = repo.files.get(wanted);
    if (!bytes) return refuse(response, 404, "Entry not found", "EntryNotFound");
    if (!repo.lfs.has(wanted)) return this.send(wanted, bytes, request, response, seen);
    response.writeHead(302, { location: `${this.cdnUrl}/${name}/${wanted}?signature=secret` }).end();
  }

  private async answerCdn(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = "", wanted = ""] = /^\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    const seen = this.see("cdn", request, wanted);
    const bytes = this.repos.get(name)?.files.get(wanted);
    if (!bytes) return refuse(response, 404, "no such file");
    if (await this.mishap(wanted, response)) return;
    await this.send(wanted, bytes, request, response, seen);
  }

  private see(origin: Seen["origin"], request: IncomingMessage, file: string | null): Seen {
    const { method = "", headers } = request;
    const url = file === null ? (request.url ?? "") : `/${file}`;
    const seen = {
      origin,
      method,
      url,
      range: headers.range ?? null,
      authorization: headers.authorization ?? null,
      servedBytes: 0,
    };
    this.seen.push(seen);
    return seen;
  }

  /** Answers with a mishap that is a whole answer, if that is next. */
  private async mishap(key: string, response: ServerResponse): Promise<boolean> {
    const next = this.mishaps.get(key)?.[0];
    if (!next || !("status" in next)) return false;
    this.mishaps.get(key)?.shift();
    response.writeHead(next.status, { "content-type": "application/json", ...next.headers });
    response.end(JSON.stringify({ error: next.error ?? `status ${next.status}` }));
    return true;
  }

  private async send(
    name: string,
    whole: Uint8Array,
    request: IncomingMessage,
    response: ServerResponse,
    seen: Seen,
  ): Promise<void> {
    const mishap = this.mishaps.get(name)?.shift();
    const bytes = mishap && "wrongByte" in mishap ? changed(whole, mishap.wrongByte) : whole;
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const isRanged = from !== undefined && !(mishap && "noRanges" in mishap);
    const begin = isRanged ? Number(from) : 0;
    response.setHeader("etag", `"${sha256(whole).slice(0, 16)}"`);
    if (begin >= whole.length && begin > 0) {
      response.writeHead(416, { "content-range": `bytes */${whole.length}` }).end();
      return;
    }
    const end = isRanged && to ? Math.min(Number(to) + 1, whole.length) : whole.length;
    const headers: Record<string, string | number> = { "content-length": end - begin, "accept-ranges": "bytes" };
    if (isRanged) headers["content-range"] = `bytes ${begin}-${end - 1}/${whole.length}`;
    response.writeHead(isRanged ? 206 : 200, headers);
    const stop = mishap && "cutAfter" in mishap ? Math.min(end, begin + mishap.cutAfter) : end;
    for (let at = begin; at < stop; ) {
      await this.gate?.(name, seen.servedBytes);
      const piece = bytes.subarray(at, Math.min(at + 65_536, stop));
      await new Promise<void>((sent, failed) => response.write(piece, (error) => (error ? failed(error) : sent())));
      seen.servedBytes += piece.length;
      at += piece.length;
    }
    if (stop < end) {
      await this.beforeCut?.();
      response.destroy();
    } else response.end();
  }

  private listing(id: string, { files, lfs, commit, license }: Repo): unknown {
    const siblings = [...files].map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      blobId: gitOf(bytes),
      ...(lfs.has(rfilename) ? { lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 130 } } : {}),
    }));
    return { id, sha: commit, siblings, cardData: license ? { license } : undefined };
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function gitOf(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const other = bytes.slice();
  other[at] ^= 1;
  return other;
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, error: string, code?: string): void {
  response.writeHead(status, { "content-type": "application/json", ...(code ? { "x-error-code": code } : {}) });
  response.end(JSON.stringify({ error }));
}
