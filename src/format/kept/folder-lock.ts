import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { inWritable } from "./folder-store.js";
import { wallWait } from "./keeping.js";

/** Another process that holds a lock is looked at so often. */
const LOOK_MS = 200;
/** What a disk answers where a folder can't take the place of another one: it has something in it, or it is Windows'. */
const TAKEN = ["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"];

/** Locks of this process. */
const own = new Set<string>();

/**
 * Does something while no other process of this machine holds that name. A lock is a folder with one file, whose name says who holds it: it comes as a
 * whole, by a rename that only an empty folder makes way for, and what a killed process left is removed by its own name, so that of several
 * processes that find it one gets the lock.
 */
export async function folderLock<T>(
  folder: string,
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const lock = path.join(folder, `${name.replaceAll(/[^\w.-]/g, "_")}.lock`);
  const holder = `${process.pid}-${randomUUID()}`;
  own.add(holder);
  try {
    const take = async () => !(await isHeld(lock)) && (await claim(folder, lock, holder));
    while (!(await inWritable(folder, take))) await wallWait(LOOK_MS, signal);
    return await work();
  } finally {
    await unlink(path.join(lock, holder)).catch(() => undefined);
    // Nothing goes but an empty one: the next holder's stays.
    await rmdir(lock).catch(() => undefined);
    own.delete(holder);
  }
}

async function claim(folder: string, lock: string, holder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const made = await mkdtemp(`${lock}~`);
  try {
    await writeFile(path.join(made, holder), "");
    await rename(made, lock);
    return true;
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    // Another was faster.
    if (TAKEN.includes(codeOf(error))) return false;
    throw error;
  }
}

/** Whether somebody alive holds a lock; what one left who isn't is removed. */
async function isHeld(lock: string): Promise<boolean> {
  for (const holder of await readdir(lock).catch(() => [])) {
    if (isAlive(holder)) return true;
    await unlink(path.join(lock, holder)).catch((error: unknown) => {
      // Another has found it, too.
      if (codeOf(error) !== "ENOENT") throw error;
    });
  }
  // Windows renames no folder to the name of one that is there, even empty.
  await rmdir(lock).catch(() => undefined);
  return false;
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split("-")[0]);
  if (pid === process.pid) return own.has(holder);
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
