import { ModelLoadError } from "../../vocabulary/errors.js";
import type { SourceFile } from "../source.js";
import { Download, type Downloading, type FileFacts } from "./download.js";
import { type DownloadNews, type Keeping, type KeptNews, untilAborted } from "./keeping.js";
import { NewsOf } from "./news.js";
import { fullAsNoRoom, isUnwritable } from "./room.js";
import { StoredFile } from "./stored-file.js";

/** A download that nobody waits for any more goes on so long: a load that has read a header opens the file again. */
const GRACE_MS = 1000;

interface Waiting {
  end: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** A file of the store that is open in this process, with the download that fills it, which another tab may do. */
export class KeptFile {
  private readonly stored: StoredFile;
  private readonly waiting = new Set<Waiting>();
  private readonly news: NewsOf;
  private readonly deaf: () => void;
  private numUsers = 0;
  private isServed = false;
  /** This process holds the lock. */
  private isLeading = false;
  private job: { done: Promise<void>; abort: AbortController } | null = null;
  private isWhole = false;
  /** Why nothing more can be read of it. */
  private failure: unknown = null;

  constructor(
    private readonly keeping: Keeping,
    private readonly facts: FileFacts,
    private readonly wrong: Set<string>,
    private readonly onGone: () => void,
  ) {
    this.stored = new StoredFile(keeping.store, facts.id);
    this.news = new NewsOf(keeping, facts);
    this.deaf = keeping.hear((news) => this.onNews(news));
  }

  async open(signal?: AbortSignal): Promise<SourceFile> {
    const leave = this.enter(signal);
    try {
      await this.until(0, signal);
    } catch (error) {
      leave();
      throw error;
    }
    const byteLength = this.byteLength as number;
    // A length that isn't listed may be that of what was there before.
    this.isServed ||= this.facts.byteLength === null;
    return {
      byteLength,
      read: async (begin, end, own) => {
        await untilAborted(this.until(end, signal), own);
        this.isServed = true;
        return this.stored.read(begin, end);
      },
      close: async () => leave(),
    };
  }

  async finish(signal?: AbortSignal): Promise<void> {
    const leave = this.enter(signal);
    try {
      await this.until(Number.POSITIVE_INFINITY, signal);
    } finally {
      leave();
    }
  }

  async stop(reason: unknown): Promise<void> {
    const { job } = this;
    job?.abort.abort(reason);
    await job?.done;
  }

  private get byteLength(): number | null {
    return this.facts.byteLength ?? this.stored.about?.byteLength ?? null;
  }

  /** Counts a user, until what it answers is called or the signal aborts. */
  private enter(signal?: AbortSignal): () => void {
    signal?.throwIfAborted();
    this.numUsers++;
    let hasLeft = false;
    const leave = () => {
      if (hasLeft) return;
      hasLeft = true;
      signal?.removeEventListener("abort", onAbort);
      if (--this.numUsers > 0) return;
      if (signal?.aborted) this.abandon(signal.reason);
      else
        void this.keeping.wait(GRACE_MS).then(() => this.abandon(new DOMException("Nobody reads it.", "AbortError")));
    };
    const onAbort = () => leave();
    signal?.addEventListener("abort", onAbort, { once: true });
    return leave;
  }

  private abandon(reason: unknown): void {
    if (this.numUsers > 0) return;
    if (this.job) this.job.abort.abort(reason);
    else this.leaveStore();
  }

  private leaveStore(): void {
    this.deaf();
    this.onGone();
  }

  /** Waits until the bytes up to there can be read; the last one can be once all are what they should be. */
  private until(end: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.failure !== null) return Promise.reject(this.failure);
    if (this.isReady(end)) return Promise.resolve();
    this.begin();
    const ready = new Promise<void>((resolve, reject) => this.waiting.add({ end, resolve, reject }));
    return untilAborted(ready, signal);
  }

  private isReady(end: number): boolean {
    const { byteLength } = this;
    if (this.isWhole) return true;
    return byteLength !== null && end < byteLength && end <= this.stored.availableBytes && this.stored.about !== null;
  }

  private wake(): void {
    for (const one of this.waiting) {
      if (!this.isReady(one.end)) continue;
      this.waiting.delete(one);
      one.resolve();
    }
  }

  private begin(): void {
    if (this.job) return;
    const abort = new AbortController();
    const done = this.fetch(abort.signal).then(
      () => this.onEnd("done", null),
      (error: unknown) => this.onEnd(abort.signal.aborted ? "stopped" : "failed", error),
    );
    this.job = { done, abort };
  }

  private async fetch(signal: AbortSignal): Promise<void> {
    await this.stored.look(false);
    if (this.stored.about?.isWhole && this.facts.isPinned) return;
    this.wake();
    const lead = async () => {
      this.isLeading = true;
      try {
        const { availableBytes, about } = this.stored;
        await this.stored.look(true);
        const isOther =
          this.stored.availableBytes < availableBytes || this.stored.about?.validator !== about?.validator;
        if (about && isOther) this.refuseServed(`${this.facts.name} has changed in another tab.`);
        this.wake();
        await new Download(this.keeping, this.facts, this.stored, this.downloading(signal)).run();
      } finally {
        this.isLeading = false;
      }
    };
    const hold = () =>
      this.keeping.hold(`triptych file ${this.facts.id}`, signal, lead).catch((error: unknown) => {
        // Whole, and nothing can be written: it is asked after all the same, which writes nothing unless it has changed.
        if (isUnwritable(error) && this.stored.about?.isWhole) return lead();
        throw error;
      });
    await fullAsNoRoom(this.keeping, this.facts, hold);
  }

  /** Who has got bytes of what is no more must begin anew. */
  private refuseServed(why: string): void {
    if (this.isServed) throw new ModelLoadError(`${why} Load the model again.`, "changed_file");
  }

  private downloading(signal: AbortSignal): Downloading {
    const { wrong, facts } = this;
    return {
      signal,
      onLength: () => this.wake(),
      onParts: (parts) => {
        for (const added of parts) this.tell("loading", undefined, { added });
        this.wake();
      },
      onNews: (state, message) => this.tell(state, message),
      onAnew: (why) => {
        this.tell("loading", why, { isAnew: true });
        this.refuseServed(why);
      },
      isWanted: () => [...this.waiting].some(({ end }) => end <= this.stored.byteLength),
      isServed: () => this.isServed,
      get wasWrong() {
        return wrong.has(facts.id);
      },
      set wasWrong(isWrong) {
        if (isWrong) wrong.add(facts.id);
      },
    };
  }

  private onEnd(state: "done" | "failed" | "stopped", error: unknown): void {
    this.job = null;
    this.isWhole = state === "done";
    const message = error instanceof Error && state === "failed" ? error.message : undefined;
    this.tell(state, message);
    if (this.isWhole) {
      this.wrong.delete(this.facts.id);
      this.wake();
      if (this.numUsers === 0) this.leaveStore();
      return;
    }
    this.failure = error;
    for (const one of this.waiting) one.reject(error);
    this.waiting.clear();
    // Who has read of it reads no further: the next reader begins anew.
    this.leaveStore();
  }

  private tell(state: DownloadNews["state"], message?: string, more?: Pick<KeptNews, "added" | "isAnew">): void {
    this.news.tell({ state, message, loadedBytes: this.stored.byteLength, totalBytes: this.byteLength, ...more });
  }

  /** Another tab has come further, or begun anew. */
  private onNews({ id, added, isAnew }: KeptNews): void {
    if (id !== this.facts.id || this.isLeading || !this.job) return;
    const isStale = isAnew && this.isServed;
    if (isStale) this.job.abort.abort(new ModelLoadError("Another tab loads the file anew.", "changed_file"));
    const isNext = added !== undefined && this.stored.about !== null && this.stored.know(added);
    if (isNext) this.wake();
    else if (isAnew || (added && added.begin > this.stored.availableBytes)) {
      void this.stored.look(false).then(() => this.wake());
    }
  }
}
