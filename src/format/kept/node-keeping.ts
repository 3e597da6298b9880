import { mkdir, statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { wallAlarm } from "../patient-fetch.js";
import { folderLock } from "./folder-lock.js";
import { folderStore } from "./folder-store.js";
import { bulletin, type Keeping, mutex, wallWait } from "./keeping.js";

/** The folder where models are kept: `TRIPTYCH_CACHE`, or `triptych/models` in the user's cache folder. */
function cacheFolder({ TRIPTYCH_CACHE, XDG_CACHE_HOME }: NodeJS.ProcessEnv = process.env): string {
  if (TRIPTYCH_CACHE) return TRIPTYCH_CACHE;
  return path.join(XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "triptych", "models");
}

/** Where a terminal keeps files: a folder, with a lock for each that is being fetched. */
export function nodeKeeping(folder = cacheFolder()): Keeping {
  const { tell, hear } = bulletin();
  const alone = mutex();
  return {
    store: folderStore(path.join(folder, "files")),
    fetch,
    tokens: new Map(),
    nowMs: () => Date.now(),
    wait: wallWait,
    alarm: wallAlarm,
    hold: (name, signal, work) => alone(name, signal, () => folderLock(path.join(folder, "locks"), name, signal, work)),
    tell,
    hear,
    async room() {
      await mkdir(folder, { recursive: true });
      const { bavail, blocks, bsize } = await statfs(folder);
      return { usedBytes: (blocks - bavail) * bsize, quotaBytes: blocks * bsize };
    },
  };
}
