import { bulletin, type Keeping, type KeptNews, mutex } from "../format/kept/keeping.js";
import { memoryStore, type Store } from "../format/kept/store.js";
import { StoredModels } from "../runtime/stored-models.js";

/** A process that keeps models: `again` is the next visit, with the same store. */
export class KeptBed {
  readonly news: KeptNews[] = [];
  /** What was waited for; no time passes. */
  readonly waitedMs: number[] = [];
  /** Alarms that are set. */
  private readonly alarms = new Set<() => void>();
  room: { usedBytes: number; quotaBytes: number } | null = null;
  readonly keeping: Keeping;
  readonly models: StoredModels;

  constructor(
    readonly store: Store = memoryStore(1000),
    hold = mutex(),
    shared = bulletin(),
    own: Partial<Keeping> = {},
  ) {
    this.keeping = {
      store,
      fetch,
      tokens: new Map(),
      nowMs: () => Date.now(),
      wait: async (ms, signal) => {
        signal?.throwIfAborted();
        this.waitedMs.push(ms);
      },
      alarm: (_, ring) => {
        this.alarms.add(ring);
        return () => this.alarms.delete(ring);
      },
      hold,
      tell: shared.tell,
      hear: shared.hear,
      room: async () => this.room,
      ...own,
    };
    shared.hear((news) => this.news.push(news));
    this.models = new StoredModels(this.keeping);
  }

  again(own: Partial<Keeping> = {}): KeptBed {
    return new KeptBed(this.store, undefined, undefined, own);
  }

  /** Resolves once such news has come, or comes. */
  async heard(isIt: (news: KeptNews) => boolean): Promise<void> {
    if (this.news.some(isIt)) return;
    await new Promise<void>((resolve) => {
      this.keeping.hear((news) => isIt(news) && resolve());
    });
  }

  /** Lets the time pass that is waited for a silent server: once until people are told, twice until it is given up. */
  async passSilence(): Promise<void> {
    while (this.alarms.size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const [...due] = this.alarms;
    this.alarms.clear();
    for (const ring of due) ring();
  }

  get messages(): string[] {
    return this.news.flatMap(({ message }) => message ?? []);
  }
}
