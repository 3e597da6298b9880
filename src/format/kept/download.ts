import { ModelLoadError } from "../../vocabulary/errors.js";
import { SilenceError } from "../patient-fetch.js";
import { isPage, PAGE_NAME, webPage } from "../web-page.js";
import { ask, type Asking } from "./ask.js";
import { type Digest, type Summing, summing } from "./digest.js";
import type { DownloadNews, Keeping } from "./keeping.js";
import { checkRoom } from "./room.js";
import { answerOf, type FileAnswer } from "./file-answer.js";
import type { Part, StoredFile } from "./stored-file.js";

/** A file that a model has, and where. */
export interface FileFacts {
  /** The model's address and the file's name in it: for people. */
  model: string;
  name: string;
  /** Its folder in the store. Files of one id are one. */
  id: string;
  url: string;
  /** Null where that is known once it comes. */
  byteLength: number | null;
  digest: Digest | null;
  /** Behind this id there is ever the same content, so that what is whole is asked for no more. */
  isPinned: boolean;
  /** Bytes of the other files that will be asked for with it. */
  besideBytes: number;
  asking: Pick<Asking, "token" | "refusal">;
}

/** Who waits for a download. */
export interface Downloading {
  signal: AbortSignal;
  /** The file's length is known. */
  onLength(): void;
  /** More can be read. */
  onParts(parts: readonly Part[]): void;
  onNews(state: DownloadNews["state"], message?: string): void;
  /** What has come counts for nothing any more. */
  onAnew(why: string): void;
  /** Somebody waits for what has come and can't be read yet. */
  isWanted(): boolean;
  /** Somebody has got some of its bytes. */
  isServed(): boolean;
  /** It has been fetched whole, and was something else. */
  wasWrong: boolean;
}

/** So often a connection may break off in a row without that a byte came. */
const NUM_BREAKS = 5;
const FIRST_WAIT_MS = 500;
const NUM_ANEW = 3;
/** Bytes of an earlier visit are summed up so many at a time. */
const SUM_BYTES = 1 << 20;

/** The download of one file into the store: from the byte where it stopped, until it is whole and what it should be. */
export class Download {
  private sum: Summing | null = null;
  private numBreaks = 0;
  private numAnew = 0;

  constructor(
    private readonly keeping: Keeping,
    private readonly facts: FileFacts,
    private readonly stored: StoredFile,
    private readonly by: Downloading,
  ) {}

  /** Rejects with a `ModelLoadError`, or the signal's reason; what has come by then is kept. */
  async run(): Promise<void> {
    try {
      if (this.stored.about?.isWhole && (await this.isCurrent())) return;
      await this.sumStored();
      while (!this.isThere || !(await this.isRight())) await this.fetchOn();
    } finally {
      this.by.onParts(await this.stored.cut());
    }
  }

  private get byteLength(): number | null {
    return this.facts.byteLength ?? this.stored.about?.byteLength ?? null;
  }

  private get isThere(): boolean {
    return this.stored.about !== null && this.stored.byteLength === this.byteLength;
  }

  /** Whether what is there whole is what the server has now; where there is no server, it has to do. */
  private async isCurrent(): Promise<boolean> {
    if (this.facts.isPinned) return true;
    try {
      const answer = await this.ask({ begin: 0, end: 0 });
      void answer.response.body?.cancel().catch(() => undefined);
      if (this.isSame(answer)) return true;
    } catch (error) {
      if (!(error instanceof ModelLoadError) || !["unreachable", "server_error"].includes(error.code)) throw error;
      this.by.onNews("loading", `${new URL(this.facts.url).host} can't be reached: what was kept is used.`);
      return true;
    }
    await this.startAnew(`${this.facts.name} has changed on its server: it is fetched anew.`);
    return false;
  }

  private async sumStored(): Promise<void> {
    const { digest, byteLength } = this.facts;
    if (!digest || byteLength === null) return;
    this.sum = summing(digest.kind, byteLength);
    const { availableBytes } = this.stored;
    for (let begin = 0; begin < availableBytes; begin += SUM_BYTES) {
      this.by.signal.throwIfAborted();
      this.by.onNews("checking");
      this.sum.update(await this.stored.read(begin, Math.min(begin + SUM_BYTES, availableBytes)));
    }
  }

  /** One request, and what comes of it. */
  private async fetchOn(): Promise<void> {
    const begin = this.stored.byteLength;
    const { byteLength } = this.facts;
    if (this.stored.about === null && byteLength !== null) await this.checkRoom(byteLength);
    try {
      const answer = await this.ask(begin > 0 ? { begin } : undefined);
      if (begin > 0 && !this.goesOn(answer, begin)) {
        void answer.response.body?.cancel().catch(() => undefined);
        await this.startAnew(`${this.facts.name} has changed on its server: it is fetched from its beginning again.`);
        return;
      }
      await this.learn(answer, begin);
      // Where there are no ranges, all of it comes again.
      if (answer.response.ok) await this.take(answer.response, begin - answer.begin);
    } catch (error) {
      this.by.signal.throwIfAborted();
      await this.afterBreak(error, begin);
    }
  }

  private checkRoom(byteLength: number): Promise<void> {
    return checkRoom(this.keeping, this.facts, byteLength + this.facts.besideBytes);
  }

  /** Writes down what an answer says of the file, if that is new. */
  private async learn(answer: FileAnswer, begin: number): Promise<void> {
    const byteLength = this.byteLength ?? answer.byteLength;
    const { about } = this.stored;
    if (about === null && this.facts.byteLength === null) {
      await this.checkRoom(byteLength ?? 0).catch((error: unknown) => {
        void answer.response.body?.cancel().catch(() => undefined);
        throw error;
      });
    }
    if (about === null || begin === 0) {
      await this.stored.tell({ byteLength, validator: answer.validator, isWhole: false });
    } else if (about.byteLength !== byteLength) {
      await this.stored.tell({ ...about, byteLength });
    }
    if (byteLength !== null) this.by.onLength();
  }

  private async ask(range: Asking["range"]): Promise<FileAnswer> {
    const onWait = (message: string) => this.by.onNews("waiting", message);
    const { signal } = this.by;
    const response = await ask(this.keeping, this.facts.url, { ...this.facts.asking, signal, range, onWait });
    return answerOf(response, this.facts, range);
  }

  /** Whether an answer is of what is stored. What has a digest is judged by that. */
  private isSame({ validator, byteLength }: FileAnswer): boolean {
    const { about } = this.stored;
    const isOther = byteLength !== null && this.byteLength !== null && byteLength !== this.byteLength;
    if (isOther || about === null) return false;
    return (
      this.facts.digest !== null || about.validator === null || validator === null || about.validator === validator
    );
  }

  /** Whether an answer has the bytes from `begin` on, or says that there are none. */
  private goesOn(answer: FileAnswer, begin: number): boolean {
    if (!this.isSame(answer)) return false;
    if (answer.response.status === 416) return answer.byteLength === begin;
    const isKnownSame = this.facts.digest !== null || answer.validator !== null;
    return answer.begin === begin || (answer.begin === 0 && isKnownSame);
  }

  private async take({ body }: Response, numSkipped: number): Promise<void> {
    const reader = body?.getReader();
    try {
      for (;;) {
        const next = await reader?.read();
        if (!next || next.done) break;
        const bytes = next.value.subarray(numSkipped);
        numSkipped -= next.value.length - bytes.length;
        if (bytes.length === 0) continue;
        if (this.stored.byteLength === 0 && isPage(bytes) && !PAGE_NAME.test(this.facts.name)) {
          await this.stored.clear();
          throw webPage(this.facts.url);
        }
        await this.add(bytes);
      }
    } finally {
      void reader?.cancel().catch(() => undefined);
    }
    this.by.signal.throwIfAborted();
    const { about, byteLength } = this.stored;
    const said = this.byteLength;
    // More than was said is a compressed body whose encoding another origin hides; where nothing was said, its end is the file's.
    if (about && this.facts.byteLength === null && byteLength > (said ?? -1))
      await this.stored.tell({ ...about, byteLength });
    else if (byteLength < (said ?? 0)) throw brokenOff(this.facts, byteLength, said, "");
  }

  private async add(bytes: Uint8Array): Promise<void> {
    this.numBreaks = 0;
    this.sum?.update(bytes);
    const closed = await this.stored.add(bytes);
    if (this.by.isWanted()) closed.push(...(await this.stored.cut()));
    this.by.onParts(closed);
    this.by.onNews("loading");
  }

  /** A connection that broke off is another's turn; any other error is the download's. */
  private async afterBreak(error: unknown, begin: number): Promise<void> {
    const isOurs = error instanceof ModelLoadError;
    const isBreak = isOurs ? ["unreachable", "truncated"].includes(error.code) : isNetworkError(error);
    const hasBegun = this.stored.byteLength > 0;
    if (!isBreak || (isOurs && error.code === "unreachable" && !hasBegun)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const { byteLength: loadedBytes } = this.stored;
    if (loadedBytes === begin) this.numBreaks++;
    if (this.numBreaks > NUM_BREAKS) {
      throw isOurs ? error : brokenOff(this.facts, loadedBytes, this.byteLength, ` (${reason})`);
    }
    const waitMs = this.numBreaks === 0 ? 0 : FIRST_WAIT_MS * 2 ** (this.numBreaks - 1);
    this.by.onNews(
      "waiting",
      `The connection broke off after ${loadedBytes} bytes of ${this.facts.name}: going on from there.`,
    );
    await this.keeping.wait(waitMs, this.by.signal);
  }

  /** Whether all that is there is what it should be; wrong bytes are fetched again once. */
  private async isRight(): Promise<boolean> {
    const { digest, name, model } = this.facts;
    if (digest && this.sum?.hex() !== digest.hex) {
      const what = `${name} of ${model} has other bytes than its ${digest.kind === "git" ? "git hash" : "SHA-256"} says`;
      if (this.by.wasWrong) {
        await this.stored.clear();
        throw new ModelLoadError(
          `${what}, twice: the server sends something else, or something on the way changes it. Load it from another address.`,
          "wrong_bytes",
        );
      }
      this.by.wasWrong = true;
      await this.startAnew(`${what}: it is fetched again.`);
      return false;
    }
    this.by.onParts(await this.stored.cut());
    const { about } = this.stored;
    if (about) await this.stored.tell({ ...about, byteLength: this.stored.byteLength, isWhole: true });
    return true;
  }

  private async startAnew(why: string): Promise<void> {
    await this.stored.clear();
    const { digest, byteLength } = this.facts;
    this.sum = digest && byteLength !== null ? summing(digest.kind, byteLength) : null;
    this.by.onAnew(why);
    if (++this.numAnew > NUM_ANEW) {
      throw new ModelLoadError(`${this.facts.url} changes with each try: load it again later.`, "changed_file");
    }
  }
}

function brokenOff(facts: FileFacts, loadedBytes: number, totalBytes: number | null, reason: string): ModelLoadError {
  return new ModelLoadError(
    `${facts.url} broke off after ${loadedBytes} of ${totalBytes ?? "an unknown number of"} bytes${reason}: load it again, it goes on from there.`,
    "truncated",
  );
}

function isNetworkError(error: unknown): boolean {
  return (
    error instanceof SilenceError ||
    error instanceof TypeError ||
    (error instanceof DOMException && error.name === "NetworkError")
  );
}
