// A lock that a killed process left, found by several at once: with real processes, since one that has it in memory can't err.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";

const NUM_PROCESSES = 4;
const NUM_LOCKS = 16;

/** Takes all locks at once, each while nobody else does; prints the names of those that another process had at the same time. */
const CHILD = `
import fs, { openSync, closeSync, unlinkSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
// Between what a process has seen and what it removes there is time for the others.
for (const name of ["unlink", "rm", "rmdir"]) {
  const remove = fs.promises[name];
  fs.promises[name] = async (...how) => {
    await new Promise((resolve) => setTimeout(resolve, 100 * Math.random()));
    return remove(...how);
  };
}
syncBuiltinESMExports();
const { folderLock } = await import("./lock.mjs");
const [folder, numLocks] = process.argv.slice(2);
process.stdout.write("ready\\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
const twice = [];
await Promise.all(Array.from({ length: Number(numLocks) }, (_, i) => folderLock(folder + "/locks", "a" + i, undefined, async () => {
  const held = folder + "/held-" + i;
  try { closeSync(openSync(held, "wx")); } catch { twice.push(i); return; }
  await new Promise((resolve) => setTimeout(resolve, 150));
  unlinkSync(held);
})));
process.stdout.write(JSON.stringify(twice) + "\\n");
process.exit(0);
`;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "locks-"));
  await build({
    configFile: false,
    logLevel: "silent",
    build: {
      ssr: path.resolve("src/format/kept/folder-lock.ts"),
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: "lock.mjs" } },
    },
  });
  await writeFile(path.join(folder, "child.mjs"), CHILD);
});
afterAll(() => rm(folder, { recursive: true }));

it(`of ${NUM_PROCESSES} processes that find a dead one's lock one at a time holds it, and nothing is left of it`, async () => {
  for (let i = 0; i < NUM_LOCKS; i++) {
    const lock = path.join(folder, "locks", `a${i}.lock`);
    await mkdir(lock, { recursive: true });
    await writeFile(path.join(lock, `${2 ** 30}-gone`), "");
  }
  const said = Array.from({ length: NUM_PROCESSES }, () => {
    const child = spawn(process.execPath, [path.join(folder, "child.mjs"), folder, String(NUM_LOCKS)]);
    const lines: string[] = [];
    const errors: string[] = [];
    let isReady = () => {};
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    child.stdout.on("data", (text) => {
      lines.push(String(text));
      isReady();
    });
    child.stderr.on("data", (text) => errors.push(String(text)));
    const ended = new Promise<string>((resolve) => {
      child.on("close", () => {
        isReady();
        resolve(lines.join("").replace(/^ready\n/, "") + errors.join(""));
      });
    });
    return { child, ready, ended };
  });
  await Promise.all(said.map(({ ready }) => ready));
  for (const { child } of said) child.stdin.write("go\n");
  expect(await Promise.all(said.map(({ ended }) => ended))).toEqual(said.map(() => "[]\n"));
  expect(await readdir(path.join(folder, "locks"))).toEqual([]);
});
