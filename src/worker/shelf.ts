import { TriptychError } from "../vocabulary/errors.js";
import type { LoadProgress } from "./protocol.js";

/** How one caller waits for a load. */
export interface Waiter {
  signal?: AbortSignal;
  onProgress?(progress: LoadProgress): void;
}

interface Entry<M> {
  refs: number;
  loading: Promise<M> | null;
  loaded: M | null;
  abort: AbortController;
  waiters: Set<Waiter>;
}

/**
 * One copy of each model, counted by URL: loads of one URL that overlap are one load, which is aborted when its last
 * waiter leaves. The last `release` disposes of the model.
 */
export class Shelf<M extends { dispose(): void }> {
  private readonly entries = new Map<string, Entry<M>>();

  constructor(private readonly load: (url: string, waiter: Required<Waiter>) => Promise<M>) {}

  /** Models that are loaded now. */
  get loaded(): M[] {
    return [...this.entries.values()].flatMap((entry) => entry.loaded ?? []);
  }

  /** The model at `url` if it is loaded now; takes no reference. */
  peek(url: string): M | null {
    return this.entries.get(url)?.loaded ?? null;
  }

  /** Takes a reference and waits for the model. A rejected `take` holds no reference. */
  async take(url: string, waiter: Waiter = {}): Promise<M> {
    let entry = this.entries.get(url);
    if (!entry) {
      entry = { refs: 0, loading: null, loaded: null, abort: new AbortController(), waiters: new Set() };
      this.entries.set(url, entry);
    }
    entry.refs++;
    entry.waiters.add(waiter);
    try {
      waiter.signal?.throwIfAborted();
      return await untilAborted(this.start(url, entry), waiter.signal);
    } catch (error) {
      this.drop(url, entry);
      throw error;
    } finally {
      entry.waiters.delete(waiter);
    }
  }

  /** Takes one more reference to a model that someone holds; one lost with its device is loaded again. */
  again(url: string): Promise<M> {
    if (this.entries.has(url)) return this.take(url);
    return Promise.reject(new TriptychError("disposed", `The model at ${url} was disposed of. Call load() again.`));
  }

  /** Gives one reference back. */
  release(url: string): void {
    const entry = this.entries.get(url);
    if (entry) this.drop(url, entry);
  }

  /** Forgets every loaded copy but keeps the references: after a lost device the next `take` loads again. */
  forget(): void {
    for (const entry of this.entries.values()) {
      entry.loaded?.dispose();
      entry.loaded = null;
      entry.loading = null;
    }
  }

  private start(url: string, entry: Entry<M>): Promise<M> {
    if (entry.loading) return entry.loading;
    const { signal } = entry.abort;
    const onProgress = (progress: LoadProgress) => {
      for (const waiter of entry.waiters) waiter.onProgress?.(progress);
    };
    const loading: Promise<M> = this.load(url, { signal, onProgress }).then(
      (model) => {
        if (entry.loading === loading && !signal.aborted) entry.loaded = model;
        else model.dispose();
        return model;
      },
      (error: unknown) => {
        if (entry.loading === loading) entry.loading = null;
        throw error;
      },
    );
    entry.loading = loading;
    return loading;
  }

  private drop(url: string, entry: Entry<M>): void {
    if (--entry.refs > 0) return;
    if (this.entries.get(url) === entry) this.entries.delete(url);
    if (entry.loaded) entry.loaded.dispose();
    else entry.abort.abort();
    entry.loaded = null;
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
