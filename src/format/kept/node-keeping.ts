import { mkdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { folderStore } from "./folder-store.js";
import { bulletin, type Keeping, mutex, wallWait } from "./keeping.js";

/** Another process that holds a file is looked at so often. */
const LOOK_MS = 200;

/** The folder where models are kept: `TRIPTYCH_CACHE`, or `triptych/models` in the user's cache folder. */
function cacheFolder({ TRIPTYCH_CACHE, XDG_CACHE_HOME }: NodeJS.ProcessEnv = process.env): string {
  if (TRIPTYCH_CACHE) return TRIPTYCH_CACHE;
  return path.join(XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "triptych", "models");
}

/** Where a terminal keeps files: a folder, with a lock file for each that is being fetched. */
export function nodeKeeping(folder = cacheFolder()): Keeping {
  const { tell, hear } = bulletin();
  const alone = mutex();
  return {
    store: folderStore(path.join(folder, "files")),
    fetch,
    tokens: new Map(),
    nowMs: () => Date.now(),
    wait: wallWait,
    hold: (name, signal, work) => alone(name, signal, () => locked(path.join(folder, "locks"), name, signal, work)),
    tell,
    hear,
    async room() {
      await mkdir(folder, { recursive: true });
      const { bavail, blocks, bsize } = await statfs(folder);
      return { usedBytes: (blocks - bavail) * bsize, quotaBytes: blocks * bsize };
    },
  };
}

async function locked<T>(
  folder: string,
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, name.replaceAll(/[^\w.-]/g, "_"));
  while (!(await claim(file))) {
    if (!(await isHeld(file))) await rm(file, { force: true });
    else await wallWait(LOOK_MS, signal);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function claim(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the process that a lock file names is alive: one that was killed left it. */
async function isHeld(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, "utf8").catch(() => "0"));
  // Just made, or gone.
  if (!(pid > 0)) return true;
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
