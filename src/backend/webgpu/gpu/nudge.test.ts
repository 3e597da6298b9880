import { expect, it } from "vitest";
import { needsNudges, nudged } from "./nudge.js";

/** A map that settles after so many waits. */
function pendingFor(
  numWaits: number,
  settle: (resolve: (value: string) => void, reject: (error: Error) => void) => void,
) {
  let waits = 0;
  let finish = () => {};
  const pending = new Promise<string>((resolve, reject) => {
    finish = () => settle(resolve, reject);
  });
  const wait = async () => {
    if (++waits === numWaits) finish();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { pending, wait };
}

it("submits once for every wait until the map is done, and no more", async () => {
  let submits = 0;
  const { pending, wait } = pendingFor(4, (resolve) => resolve("bytes"));
  expect(await nudged(pending, () => submits++, wait)).toBe("bytes");
  expect(submits).toBe(3);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(submits).toBe(3);
});

it("passes on why a map failed", async () => {
  const { pending, wait } = pendingFor(2, (_, reject) => reject(new Error("device lost")));
  await expect(nudged(pending, () => {}, wait)).rejects.toThrow("device lost");
});

it("is for Firefox alone", () => {
  expect(needsNudges("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe(true);
  expect(needsNudges("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36")).toBe(false);
  expect(needsNudges(undefined)).toBe(false);
});
