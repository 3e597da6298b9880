// The line of the demo pages that says what of the site works without a network. Only a built site has a service worker.
import { offlineWords } from "../ui/words.js";
import { KEPT_CACHE, type OfflineFiles } from "./offline-files.js";

/** The models that the page writes with unless a person chooses others, and of them what no run does without. */
const STORIES = /^models\/story-/;
const WEIGHTS = /\.safetensors$/;

/** Has the site work without a network, and says in `line` how far. Does nothing where the browser keeps nothing. */
export async function workOffline(line: HTMLElement): Promise<void> {
  if (!("serviceWorker" in navigator) || !isSecureContext) return;
  const registered = await navigator.serviceWorker.register("./service-worker.js").catch(() => null);
  if (!registered) return;
  await navigator.serviceWorker.ready;
  const answer = await fetch("./offline.json").catch(() => null);
  if (!answer?.ok) return;
  const { large } = (await answer.json()) as OfflineFiles;
  show(
    line,
    large.filter(({ url }) => STORIES.test(url)),
  );
}

function show(line: HTMLElement, models: OfflineFiles["large"]): void {
  const megabytes = Math.round(models.reduce((sum, { byteLength }) => sum + byteLength, 0) / 1e6);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = offlineWords.keep(megabytes);
  button.addEventListener("click", async () => {
    button.disabled = true;
    line.replaceChildren(offlineWords.keeping(megabytes));
    line.replaceChildren((await keep(models)) ? offlineWords.kept : offlineWords.failed);
  });
  void areKept(models).then((are) =>
    line.replaceChildren(...(are ? [offlineWords.kept] : [offlineWords.pages, " ", button])),
  );
}

async function areKept(models: OfflineFiles["large"]): Promise<boolean> {
  const cache = await caches.open(KEPT_CACHE);
  const weights = models.filter(({ url }) => WEIGHTS.test(url));
  const found = await Promise.all(weights.map(({ url }) => cache.match(url, { ignoreSearch: true })));
  return found.every(Boolean);
}

/** Fetches them through the service worker, which keeps what it fetches. */
async function keep(models: OfflineFiles["large"]): Promise<boolean> {
  for (const { url } of models) {
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok) return false;
    await answer.arrayBuffer();
  }
  return true;
}
