// Has the site work without a network after the first visit. Pages and scripts are kept at once, and each version whole; weights and ONNX
// Runtime's WebAssembly, which are large, from when they are first fetched.
import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { CacheFirst } from "workbox-strategies";
import { KEPT_CACHE, type OfflineFiles } from "./offline-files.js";

/** Written in by `scripts/site/offline.ts`, when every file of the site is there. */
declare const __FILES__: OfflineFiles;

const { small, large } = __FILES__;
const revisions = new Map(large.map(({ url, revision }) => [new URL(url, location.href).href, revision]));
const keyOf = (href: string) => `${href}?revision=${revisions.get(href)}`;

cleanupOutdatedCaches();
// An address's parameters are settings of the page, not other files.
precacheAndRoute([...small], { ignoreURLParametersMatching: [/./] });

registerRoute(
  ({ url, request }) => revisions.has(url.href) && !request.headers.has("range"),
  new CacheFirst({
    cacheName: KEPT_CACHE,
    plugins: [{ cacheKeyWillBeUsed: async ({ request }) => keyOf(request.url) }],
  }),
);

/** What the platform's event has beside an `Event`. */
interface ActivateEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

addEventListener("activate", (event) => (event as ActivateEvent).waitUntil(dropOld()));

/** Drops weights of versions of the site that are gone. */
async function dropOld(): Promise<void> {
  const cache = await caches.open(KEPT_CACHE);
  const current = new Set([...revisions.keys()].map(keyOf));
  for (const { url } of await cache.keys()) if (!current.has(url)) await cache.delete(url);
}
