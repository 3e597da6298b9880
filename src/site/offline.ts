// The line of the demo pages that says what of the site works without a network. Only a built site has a service worker.
import { offlineWords } from "../ui/words/first.js";
import { KEPT_CACHE, keptUrl, type OfflineFiles, type SiteFile } from "./offline-files.js";

/** What the page writes with unless a person chooses other models, without WebGPU as well; and of it what no run does without. */
const OF_RUNS = /^models\/story-|\/onnx\.js$|\/ort\.wasm\.min\.mjs$|\/ort-wasm-simd-threaded\.(mjs|wasm)$/;
const NEEDED = /\.(safetensors|wasm|m?js)$/;

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
    large.filter(({ url }) => OF_RUNS.test(url)),
  );
}

function show(line: HTMLElement, files: readonly SiteFile[]): void {
  const megabytes = Math.round(files.reduce((sum, { byteLength }) => sum + byteLength, 0) / 1e6);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = offlineWords.keep(megabytes);
  button.addEventListener("click", async () => {
    button.disabled = true;
    line.replaceChildren(offlineWords.keeping(megabytes));
    line.replaceChildren((await keep(files)) ? offlineWords.kept : offlineWords.failed);
  });
  void areKept(files).then((are) =>
    line.replaceChildren(...(are ? [offlineWords.kept] : [offlineWords.pages, " ", button])),
  );
}

async function areKept(files: readonly SiteFile[]): Promise<boolean> {
  const cache = await caches.open(KEPT_CACHE);
  const needed = files.filter(({ url }) => NEEDED.test(url));
  const found = await Promise.all(needed.map((file) => cache.match(keptUrl(file, location.href))));
  return found.every(Boolean);
}

/** Fetches and keeps them; false if one doesn't come, or has no room. */
async function keep(files: readonly SiteFile[]): Promise<boolean> {
  const cache = await caches.open(KEPT_CACHE);
  try {
    for (const file of files) {
      const answer = await fetch(file.url);
      if (!answer.ok) return false;
      await cache.put(keptUrl(file, location.href), answer);
    }
    return await areKept(files);
  } catch {
    return false;
  }
}
