import type { FileFacts } from "./download.js";
import type { DownloadNews, Keeping, KeptNews } from "./keeping.js";

/** Progress is told no more often. */
const NEWS_MS = 100;
/** The rate is that of so long a time. */
const RATE_MS = 3000;

/** Tells of one file's download, and how fast it is. */
export class NewsOf {
  private lastMs = Number.NEGATIVE_INFINITY;
  private samples: { atMs: number; loadedBytes: number }[] = [];
  private last = "";

  constructor(
    private readonly keeping: Keeping,
    private readonly facts: FileFacts,
  ) {}

  /** Tells it, unless it is mere progress soon behind other progress. */
  tell(news: Pick<KeptNews, "state" | "message" | "loadedBytes" | "totalBytes" | "added" | "isAnew">): void {
    const nowMs = this.keeping.nowMs();
    const bytesPerSecond = this.rateAt(nowMs, news);
    const what = `${news.state} ${news.message ?? ""}`;
    const isNew = what !== this.last || news.message !== undefined || news.added !== undefined;
    if (!isNew && nowMs - this.lastMs < NEWS_MS) return;
    this.last = what;
    this.lastMs = nowMs;
    const { model, name: file, id } = this.facts;
    this.keeping.tell({ model, file, id, bytesPerSecond, ...news });
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
