import { ModelLoadError } from "../vocabulary/errors.js";
import { Turns } from "../vocabulary/turns.js";
import { ByteStream } from "./byte-stream.js";
import { SilenceError } from "./patient-fetch.js";
import type { SourceFile } from "./source.js";

/** A gap of so many bytes is passed over; a wider one is worth another request. */
const GAP_BYTES = 1 << 23;

/** So often in a row a server is asked on that has fallen silent without that a byte came. */
const NUM_SILENT = 2;

/** The files of a server that are open: one of them streams at a time, since a browser holds few connections to a server. */
export interface Streaming {
  file: HttpFile | null;
}

/** How the bytes of a file are asked for. */
export interface HttpFileParts {
  address: string;
  byteLength: number;
  /** The answer to a request for all of it. */
  response: Response;
  /** Asks for what comes from there on: answers all of it where the server knows no ranges. */
  from(begin: number): Promise<Response>;
  signal?: AbortSignal;
}

/**
 * A file on a server, read as one stream of its bytes: one request, whatever is read of it in order. A read that goes back, or far ahead,
 * begins the stream anew there, by a range; a server that knows no ranges sends it from its first byte, and what comes before is passed over.
 */
export class HttpFile implements SourceFile {
  readonly byteLength: number;
  private stream: ByteStream | null;
  /** Where in the file the stream began. */
  private origin = 0;
  private readonly tag: string | null;
  private readonly turns = new Turns();

  constructor(
    private readonly parts: HttpFileParts,
    private readonly streaming: Streaming,
  ) {
    this.byteLength = parts.byteLength;
    this.tag = parts.response.headers.get("etag");
    this.stream = new ByteStream(parts.response);
    this.takeOver();
  }

  /** Its first bytes, which stay to be read. */
  peek(): Promise<Uint8Array> {
    return this.turns.take(async () => (await this.stream?.peek()) ?? new Uint8Array(0));
  }

  read(begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.turns.take(async () => {
      const stop = () => void this.stream?.cancel();
      const check = () => {
        signal?.throwIfAborted();
        this.parts.signal?.throwIfAborted();
      };
      check();
      signal?.addEventListener("abort", stop);
      try {
        const bytes = new Uint8Array(end - begin);
        const numBytes = await this.fill(bytes, begin);
        // To where it says that it is over: a request that isn't read to its end counts as aborted.
        if (numBytes === bytes.length && end === this.byteLength) await this.stream?.peek();
        if (numBytes < bytes.length) throw this.truncated("");
        return bytes;
      } catch (error) {
        check();
        if (error instanceof ModelLoadError) throw error;
        throw this.truncated(` (${error instanceof Error ? error.message : String(error)})`);
      } finally {
        signal?.removeEventListener("abort", stop);
      }
    });
  }

  async close(): Promise<void> {
    if (this.streaming.file === this) this.streaming.file = null;
    const { stream } = this;
    this.stream = null;
    await stream?.cancel();
  }

  /** Gives its connection up once it has done what was asked of it. */
  private pause(): Promise<void> {
    return this.turns.take(() => this.close());
  }

  /** Nobody waits for the other's connection: it may be waiting for this one's. */
  private takeOver(): void {
    const { file } = this.streaming;
    this.streaming.file = this;
    if (file !== this) void file?.pause();
  }

  private async streamAt(begin: number): Promise<ByteStream> {
    const gap = begin - this.position;
    if (!this.stream || gap < 0 || gap > GAP_BYTES) await this.restart(begin);
    const stream = this.stream as ByteStream;
    await stream.skip(begin - this.position);
    return stream;
  }

  /** Reads from there on until `bytes` are full or the file is over; on from the byte that was reached where the server falls silent. */
  private async fill(bytes: Uint8Array, begin: number): Promise<number> {
    let reached = begin;
    for (let numSilent = 0; ; ) {
      try {
        const stream = await this.streamAt(reached);
        return reached - begin + (await stream.take(bytes.subarray(reached - begin)));
      } catch (error) {
        if (!(error instanceof SilenceError)) throw error;
        numSilent = this.position > reached ? 1 : numSilent + 1;
        if (numSilent > NUM_SILENT) throw error;
        reached = Math.max(reached, this.position);
        this.origin = reached;
        this.stream = null;
      }
    }
  }

  private async restart(begin: number): Promise<void> {
    await this.stream?.cancel();
    this.stream = null;
    this.takeOver();
    const response = await this.parts.from(begin);
    const tag = response.headers.get("etag");
    if (this.tag !== null && tag !== null && tag !== this.tag) {
      await response.body?.cancel();
      throw new ModelLoadError(
        `${this.parts.address} has changed on its server while it was read (ETag ${this.tag}, now ${tag}): load it again.`,
        "changed_file",
      );
    }
    this.origin = response.status === 206 ? begin : 0;
    this.stream = new ByteStream(response);
  }

  private get position(): number {
    return this.origin + (this.stream?.position ?? 0);
  }

  private truncated(reason: string): ModelLoadError {
    const { position, byteLength } = this;
    return new ModelLoadError(
      `${this.parts.address} broke off after ${position} of ${byteLength} bytes${reason}: load it again.`,
      "truncated",
    );
  }
}
