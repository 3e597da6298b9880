import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { timedFile } from "./timed-file.js";

let folder: string;
const lock = () => path.join(folder, "triptych-lm", "timing.lock");
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "triptych-timed-"));
  vi.stubEnv("XDG_CACHE_HOME", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

it("what is timed alone waits for who does so, says that, and leaves no lock behind", async () => {
  const log: string[] = [];
  let end = () => {};
  const hold = new Promise<void>((resolve) => {
    end = resolve;
  });
  const waiting = new Promise<void>((isTold) => {
    const first = timedFile().alone(async () => {
      log.push("first begins");
      await hold;
      log.push("first ends");
    });
    const file = timedFile((work) => {
      log.push(work);
      isTold();
    });
    void first;
    void vi
      .waitUntil(() => log.length > 0, { interval: 2 })
      .then(() => file.alone(async () => log.push(`second, with a lock of ${await readFile(lock(), "utf8")}`)));
  });
  await waiting;
  end();
  await vi.waitUntil(() => log.length === 4, { interval: 2 });
  expect(log).toEqual([
    "first begins",
    "Another process is timing devices: waiting for it.",
    "first ends",
    `second, with a lock of ${process.pid}`,
  ]);
  await vi.waitUntil(async () => (await readdir(path.join(folder, "triptych-lm"))).length === 0, { interval: 2 });
});

it("a lock that a process left when it was ended is taken away, and a failure takes its own away", async () => {
  await timedFile().set("triptych-lm/devices", { a: 1 });
  // Above the largest number that a process of Linux or macOS can have.
  await writeFile(lock(), "99999999");
  await expect(timedFile().alone(() => Promise.reject(new Error("no device")))).rejects.toThrow("no device");
  expect(await readdir(path.join(folder, "triptych-lm"))).toEqual(["devices.json"]);
  expect(await timedFile().get("triptych-lm/devices")).toEqual({ a: 1 });
});

it("who is stopped while another times ends at once; where nothing can be kept nobody is waited for", async () => {
  const stop = new AbortController();
  await timedFile().set("triptych-lm/devices", {});
  await writeFile(lock(), String(process.pid));
  const file = timedFile(() => stop.abort());
  await expect(file.alone(async () => {}, stop.signal)).rejects.toThrow("aborted");
  vi.stubEnv("XDG_CACHE_HOME", "/dev/null/none");
  expect(await timedFile().alone(async () => "done")).toBe("done");
});
