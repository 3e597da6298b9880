import { mkdir, open, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ChoicePlace, TimedStore } from "./chooser.js";

/** How often a process looks whether another one has ended what it does alone. */
const LOOK_MS = 50;
/** Nothing is timed for so long: whoever has a lock of that age was ended, and another process has its number. */
const OLD_MS = 10 * 60_000;
/** Between making a lock and writing into it. */
const NEW_MS = 2000;

/** Where what was timed is kept. */
export interface TimedFile extends TimedStore, Pick<ChoicePlace, "alone"> {}

/** What was timed, in a file of this user's cache folder: `XDG_CACHE_HOME`, or `.cache` of the home folder. `tell`: that another process is waited for. */
export function timedFile(tell: (work: string) => void = () => {}): TimedFile {
  const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  const fileOf = (key: string) => path.join(caches, `${key}.json`);
  const lock = path.join(caches, "triptych-lm", "timing.lock");
  return {
    get: async (key) => JSON.parse(await readFile(fileOf(key), "utf8")),
    async set(key, value) {
      const file = fileOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      // Whole or not at all, for whoever reads it meanwhile.
      const draft = `${file}.${process.pid}`;
      await writeFile(draft, `${JSON.stringify(value)}\n`);
      await rename(draft, file);
    },
    async alone(work, signal) {
      const isLocked = await take(lock, tell, signal);
      try {
        return await work();
      } finally {
        if (isLocked) await unlink(lock).catch(() => {});
      }
    },
  };
}

/** Makes the lock once no other process has it; false where no file can be made there, so that there is nothing to keep either. */
async function take(lock: string, tell: (work: string) => void, signal?: AbortSignal): Promise<boolean> {
  let isTold = false;
  for (;;) {
    signal?.throwIfAborted();
    try {
      await mkdir(path.dirname(lock), { recursive: true });
      const file = await open(lock, "wx");
      await file.writeFile(String(process.pid));
      await file.close();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return false;
    }
    if (await isLeft(lock)) {
      await unlink(lock).catch(() => {});
      continue;
    }
    if (!isTold) tell("Another process is timing devices: waiting for it.");
    isTold = true;
    await wait(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

/** Whether the process that made a lock has ended without taking it away. */
async function isLeft(lock: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(lock, "utf8"), stat(lock)]);
    const ageMs = Date.now() - mtimeMs;
    if (text === "") return ageMs > NEW_MS;
    return ageMs > OLD_MS || !isAlive(Number(text));
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
