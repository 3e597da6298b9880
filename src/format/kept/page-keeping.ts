import { wallAlarm } from "../patient-fetch.js";
import { bulletin, type Keeping, type KeptNews, mutex, wallWait } from "./keeping.js";
import { indexedDbStore } from "./indexeddb-store.js";
import { opfsStore } from "./opfs-store.js";
import { memoryStore, type Store, writePart, readPart } from "./store.js";

const TRIAL = "trial";

/** Where a page's worker keeps files: the first store that takes a trial, with locks and news that all tabs share. */
export async function pageKeeping(): Promise<Keeping> {
  const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel("triptych-models") : null;
  const { tell, hear, spread } = bulletin((news) => channel?.postMessage(news));
  channel?.addEventListener("message", ({ data }: MessageEvent<KeptNews>) => spread(data));
  const alone = mutex();
  return {
    store: await firstThatWorks(),
    fetch: (url, init) => fetch(url, init),
    tokens: new Map(),
    nowMs: () => Date.now(),
    wait: wallWait,
    alarm: wallAlarm,
    // Pages that aren't secure have none; nor have they a file system.
    hold: (name, signal, work) =>
      "locks" in navigator ? navigator.locks.request(name, { signal }, work) : alone(name, signal, work),
    tell,
    hear,
    async room() {
      const { usage, quota } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
      return usage === undefined || quota === undefined ? null : { usedBytes: usage, quotaBytes: quota };
    },
  };
}

async function firstThatWorks(): Promise<Store> {
  for (const make of [opfsStore, async () => indexedDbStore()]) {
    try {
      const store = await make();
      // Two tabs may try at once.
      const part = crypto.randomUUID?.() ?? String(Math.random());
      await writePart(store, TRIAL, part, part);
      const read = await readPart(store, TRIAL, part);
      await store.remove(TRIAL, part);
      if (read === part) return store;
    } catch {
      // A browser says in many ways that it keeps nothing here: as a private window, without cookies, in a sandbox.
    }
  }
  return memoryStore();
}
