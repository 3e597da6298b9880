// Has the site work without a network after the first visit. Pages and scripts are kept at once, and each version whole; weights and ONNX
// Runtime's WebAssembly, which are large, from when they are first fetched.
import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { CacheFirst } from "workbox-strategies";
import { KEPT_CACHE, keptUrl, type OfflineFiles } from "./offline-files.js";

/** Written in by `scripts/site/offline.ts`, when every file of the site is there. */
declare const __FILES__: OfflineFiles;

const { small, large } = __FILES__;
/** Where the large files are kept, by their addresses. */
const kept = new Map(large.map((file) => [new URL(file.url, location.href).href, keptUrl(file, location.href)]));

cleanupOutdatedCaches();
// An address's parameters are settings of the page, not other files.
precacheAndRoute([...small], { ignoreURLParametersMatching: [/./] });

const wholeFiles = new CacheFirst({
  cacheName: KEPT_CACHE,
  plugins: [{ cacheKeyWillBeUsed: async ({ request }) => kept.get(request.url) ?? request }],
});

registerRoute(
  ({ url }) => kept.has(url.href),
  async ({ request, event }) => {
    if (!request.headers.has("range")) return wholeFiles.handle({ request, event });
    // Such a request asks whether the file is there, or goes on with it: what is kept answers whole, as servers without ranges do.
    const found = await caches.match(kept.get(request.url) ?? request, { cacheName: KEPT_CACHE });
    return found ?? fetch(request);
  },
);

/** What the platform's event has beside an `Event`. */
interface ActivateEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

/** What a service worker has beside an `EventTarget`. */
declare const clients: { claim(): Promise<void> };

// The page that it came with is served at once: what that fetches on a first visit is kept.
addEventListener("activate", (event) => (event as ActivateEvent).waitUntil(Promise.all([clients.claim(), dropOld()])));

/** Drops weights of versions of the site that are gone. */
async function dropOld(): Promise<void> {
  const cache = await caches.open(KEPT_CACHE);
  const current = new Set(kept.values());
  for (const { url } of await cache.keys()) if (!current.has(url)) await cache.delete(url);
}
