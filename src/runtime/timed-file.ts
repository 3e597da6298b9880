import { mkdir, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { TimedStore } from "./chooser.js";

/** What was timed, in a file of this user's cache folder: `XDG_CACHE_HOME`, or `.cache` of the home folder. */
export function timedFile(): TimedStore {
  const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  const fileOf = (key: string) => path.join(caches, `${key}.json`);
  return {
    get: async (key) => JSON.parse(await readFile(fileOf(key), "utf8")),
    async set(key, value) {
      await mkdir(path.dirname(fileOf(key)), { recursive: true });
      await writeFile(fileOf(key), `${JSON.stringify(value)}\n`);
    },
  };
}
