import type { Alarm } from "../patient-fetch.js";
import type { Store } from "./store.js";
import type { Part } from "./stored-file.js";

/** How far the download of a file has come, as every tab of the origin hears it. */
export interface DownloadNews {
  /** The model that it is of, by its address. */
  model: string;
  file: string;
  /** Bytes that are there, those of an earlier visit among them. */
  loadedBytes: number;
  /** Null while the server hasn't said. */
  totalBytes: number | null;
  /** Of the last seconds; 0 while nothing comes. */
  bytesPerSecond: number;
  /** `waiting`: for a server that asked to or sends nothing, or a connection. `checking`: bytes of an earlier visit are read for the hash. */
  state: "loading" | "waiting" | "checking" | "done" | "failed" | "stopped";
  /** What there is to say of it: why it waits, begins anew or failed. */
  message?: string;
}

/** News with what readers of the same file need to know, in whichever tab they are. */
export interface KeptNews extends DownloadNews {
  /** The file's folder in the store. */
  id: string;
  /** A part that can be read now. */
  added?: Part;
  /** What was there counts for nothing any more. */
  isAnew?: boolean;
}

/** How much a store can take, in bytes. */
export interface Room {
  usedBytes: number;
  quotaBytes: number;
}

/** Where a process keeps files of models, and how it gets them. */
export interface Keeping {
  store: Store;
  fetch: typeof fetch;
  /** By a hub's origin: never kept, and sent nowhere else. */
  tokens: Map<string, string>;
  nowMs(): number;
  /** Rejects with the signal's reason once it aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Of servers that send nothing. */
  alarm: Alarm;
  /** Does something while nobody else of this origin holds that name. */
  hold<T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
  /** Tells all tabs. */
  tell(news: KeptNews): void;
  /** Hears of all tabs; the answer stops it. */
  hear(listener: (news: KeptNews) => void): () => void;
  /** Null where it can't be told. */
  room(): Promise<Room | null>;
}

/** What is told is heard in this process; `passOn` takes it to others, which come back by the answer. */
export function bulletin(passOn: (news: KeptNews) => void = () => {}) {
  const listeners = new Set<(news: KeptNews) => void>();
  const spread = (news: KeptNews) => {
    for (const listener of listeners) listener(news);
  };
  return {
    spread,
    tell(news: KeptNews) {
      spread(news);
      passOn(news);
    },
    hear(listener: (news: KeptNews) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** `Keeping.hold` within one process. */
export function mutex(): Keeping["hold"] {
  const last = new Map<string, Promise<unknown>>();
  return (name, signal, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const turn = untilAborted(before, signal).then(() => {
      signal?.throwIfAborted();
      return work();
    });
    const settled = Promise.allSettled([before, turn]);
    last.set(name, settled);
    void settled.then(() => {
      if (last.get(name) === settled) last.delete(name);
    });
    return turn;
  };
}

/** `Keeping.wait` on the wall clock. */
export async function wallWait(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await untilAborted(
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      }),
      signal,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** A promise that rejects with the signal's reason once it aborts. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
