import { TriptychError } from "../vocabulary/errors.js";
import type { Progress } from "../format/source.js";
import { keyOf, type ModelRef } from "./model-ref.js";

/** How one caller waits for a load. */
export interface Waiter {
  signal?: AbortSignal;
  onProgress?(progress: Progress): void;
}

interface Entry<M> {
  refs: number;
  loading: Promise<M> | null;
  loaded: M | null;
  abort: AbortController;
  waiters: Set<Waiter>;
}

/**
 * One copy of each model, counted by ref: loads of one ref that overlap are one load, which is aborted when its last
 * waiter leaves. The last `release` disposes of the model.
 */
export class Shelf<M extends { dispose(): void }> {
  private readonly entries = new Map<string, Entry<M>>();

  constructor(private readonly load: (ref: ModelRef, waiter: Required<Waiter>) => Promise<M>) {}

  /** Models that are loaded now. */
  get loaded(): M[] {
    return [...this.entries.values()].flatMap((entry) => entry.loaded ?? []);
  }

  /** Whether nobody holds a reference or waits for a model. */
  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  /** The model if it is loaded now; takes no reference. */
  peek(ref: ModelRef): M | null {
    return this.entries.get(keyOf(ref))?.loaded ?? null;
  }

  /** Takes a reference and waits for the model. A rejected `take` holds no reference. */
  async take(ref: ModelRef, waiter: Waiter = {}): Promise<M> {
    const key = keyOf(ref);
    let entry = this.entries.get(key);
    if (!entry) {
      entry = { refs: 0, loading: null, loaded: null, abort: new AbortController(), waiters: new Set() };
      this.entries.set(key, entry);
    }
    entry.refs++;
    entry.waiters.add(waiter);
    try {
      waiter.signal?.throwIfAborted();
      return await untilAborted(this.start(ref, entry), waiter.signal);
    } catch (error) {
      this.drop(key, entry);
      throw error;
    } finally {
      entry.waiters.delete(waiter);
    }
  }

  /** Takes one more reference to a model that someone holds; one lost with its device is loaded again. */
  again(ref: ModelRef): Promise<M> {
    if (this.entries.has(keyOf(ref))) return this.take(ref);
    return Promise.reject(new TriptychError("disposed", `The model at ${ref.url} was disposed of. Call load() again.`));
  }

  /** Gives one reference back. */
  release(ref: ModelRef): void {
    const entry = this.entries.get(keyOf(ref));
    if (entry) this.drop(keyOf(ref), entry);
  }

  /** Forgets every loaded copy but keeps the references: after a lost device the next `take` loads again. */
  forget(): void {
    for (const entry of this.entries.values()) {
      entry.loaded?.dispose();
      entry.loaded = null;
      entry.loading = null;
    }
  }

  private start(ref: ModelRef, entry: Entry<M>): Promise<M> {
    if (entry.loading) return entry.loading;
    const { signal } = entry.abort;
    const onProgress = (progress: Progress) => {
      for (const waiter of entry.waiters) waiter.onProgress?.(progress);
    };
    const loading: Promise<M> = this.load(ref, { signal, onProgress }).then(
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

  private drop(key: string, entry: Entry<M>): void {
    if (--entry.refs > 0) return;
    if (this.entries.get(key) === entry) this.entries.delete(key);
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
