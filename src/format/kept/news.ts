import type { FileFacts } from "./download.js";
import type { DownloadNews, Keeping, KeptNews } from "./keeping.js";

/** Progress is told no more often. */
const NEWS_MS = 100;
/** The rate is that of so long a time. */
const RATE_MS = 3000;

type News = Pick<KeptNews, "state" | "message" | "loadedBytes" | "totalBytes" | "added" | "isAnew">;

/** Tells of one file's download, and how fast it is. */
export class NewsOf {
  private lastMs = Number.NEGATIVE_INFINITY;
  private samples: { atMs: number; loadedBytes: number }[] = [];
  private lastState: DownloadNews["state"] | null = null;
  private pending: News | null = null;
  private isWaiting = false;

  constructor(
    private readonly keeping: Keeping,
    private readonly facts: FileFacts,
  ) {}

  /** Tells it; mere progress soon behind other progress waits for a while, and the last of it is told. */
  tell(news: News): void {
    const nowMs = this.keeping.nowMs();
    const bytesPerSecond = this.rateAt(nowMs, news);
    const isNew = news.state !== this.lastState || news.message !== undefined || news.added !== undefined;
    const isSoon = !isNew && nowMs - this.lastMs < NEWS_MS;
    this.pending = isSoon ? news : null;
    if (isSoon) return this.tellLater();
    this.lastState = news.state;
    this.lastMs = nowMs;
    const { model, name: file, id } = this.facts;
    this.keeping.tell({ model, file, id, bytesPerSecond, ...news });
  }

  private tellLater(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    void this.keeping.wait(NEWS_MS).then(() => {
      this.isWaiting = false;
      const { pending } = this;
      this.lastMs = Number.NEGATIVE_INFINITY;
      if (pending) this.tell(pending);
    });
  }

  private rateAt(nowMs: number, { state, loadedBytes }: Pick<DownloadNews, "state" | "loadedBytes">): number {
    if (state !== "loading") this.samples = [];
    while (this.samples.length > 0 && nowMs - this.samples[0].atMs > RATE_MS) this.samples.shift();
    const [first] = this.samples;
    if (state === "loading" && nowMs !== this.samples.at(-1)?.atMs) this.samples.push({ atMs: nowMs, loadedBytes });
    if (!first || nowMs <= first.atMs) return 0;
    return Math.max(0, Math.round((1000 * (loadedBytes - first.loadedBytes)) / (nowMs - first.atMs)));
  }
}
