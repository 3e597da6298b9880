import { mkdir, open, readFile, rm, stat, statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { folderStore, inWritable } from "./folder-store.js";
import { bulletin, type Keeping, mutex, wallWait } from "./keeping.js";

/** Another process that holds a file is looked at so often. */
const LOOK_MS = 200;
/** A lock file that has named nobody for so long is one that its process couldn't write. */
const NAMELESS_MS = 2000;

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
  await inWritable(folder, () => mkdir(folder, { recursive: true }));
  const file = path.join(folder, name.replaceAll(/[^\w.-]/g, "_"));
  while (!(await inWritable(folder, () => claim(file)))) {
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
  const handle = await open(file, "wx").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return null;
    throw error;
  });
  if (!handle) return false;
  try {
    await handle.writeFile(String(process.pid));
    return true;
  } catch (error) {
    // A full disk takes the file and not what it says: nobody would ever give it back.
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** Whether the process that a lock file names is alive: one that was killed left it. */
async function isHeld(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, "utf8").catch(() => "0"));
  // Just made, or gone; or left so by a process that was killed before it wrote its number.
  if (!(pid > 0)) return Date.now() - ((await stat(file).catch(() => null))?.mtimeMs ?? Date.now()) < NAMELESS_MS;
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
