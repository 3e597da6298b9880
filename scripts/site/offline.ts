import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { OfflineFiles, SiteFile } from "../../src/site/offline-files.js";

/** Files that are fetched only where a run asks for them. */
const LARGE = /^models\/|onnxruntime\/|\bort[.-]|onnx\.js$|\/(text-whole|peer)-/;
/** Tells pages which files there are. */
const LIST = "offline.json";
/** Not fetched by any page. */
const UNUSED = /^LICENSES|\/LICENSE|^service-worker\.js$|^offline\.json$|\.map$/;

/** The files of a built site, sorted by what is kept at once and what later. */
export function offlineFiles(folder: string): OfflineFiles {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.split(path.sep).join("/"))
    .filter((name) => statSync(path.join(folder, name)).isFile() && !UNUSED.test(name))
    .sort();
  const describe = (url: string) => described(url, readFileSync(path.join(folder, url)));
  const [large, small] = [true, false].map((isLarge) =>
    names.filter((name) => LARGE.test(name) === isLarge).map(describe),
  );
  return { small, large };
}

/** Tells the built site's service worker and its pages (`offline.json`) which files there are. */
export function fillServiceWorker(folder: string): void {
  const file = path.join(folder, "service-worker.js");
  const code = readFileSync(file, "utf8");
  if (!code.includes("__FILES__")) throw new Error("The service worker has no place for the list of files.");
  const files = offlineFiles(folder);
  const list = JSON.stringify(files);
  writeFileSync(path.join(folder, LIST), list);
  // The list can't name itself; the service worker keeps it with the rest.
  const all = { ...files, small: [...files.small, described(LIST, Buffer.from(list))] };
  writeFileSync(
    file,
    code.replace("__FILES__", () => JSON.stringify(all)),
  );
}

function described(url: string, bytes: Buffer): SiteFile {
  return { url, revision: createHash("sha256").update(bytes).digest("hex").slice(0, 16), byteLength: bytes.length };
}
