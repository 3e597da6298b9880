import { describe, expect, it } from "vitest";
import { Scheduler } from "./scheduler.js";

/** A run that works in slices of `sliceMs` on a hand-moved clock and notes whose turn it was. */
function stage(sliceMs: Record<string, number>, quantumMs = 30) {
  const time = { nowMs: 0 };
  const scheduler = new Scheduler({ clock: () => time.nowMs, quantumMs });
  const log: string[] = [];
  const run = async (name: string, numSlices: number) => {
    const turn = scheduler.join();
    for (let i = 0; i < numSlices; i++) {
      if (turn.isOver) turn.give();
      await turn.take();
      log.push(name);
      time.nowMs += sliceMs[name];
      await Promise.resolve();
    }
    const { ownMs } = turn;
    turn.leave();
    return ownMs;
  };
  return { run, log, time, scheduler };
}

describe("Scheduler", () => {
  it("lets a run keep the device for a quantum, then gives it to the one with the least own time", async () => {
    const { run, log } = stage({ a: 10, b: 20, c: 40 });
    await Promise.all([run("a", 6), run("b", 4), run("c", 3)]);
    // a holds 30 ms, b 40, c 40; then a (30) again to 60; b and c tie at 40 and b joined first.
    expect(log.join("")).toBe("aaabbcaaabbcc");
  });

  it("leaves the device with a run that still has the least own time after its quantum", async () => {
    const { run, log } = stage({ a: 30, b: 200 });
    await Promise.all([run("a", 9), run("b", 2)]);
    // a 30, b 200, then a until it has had as much as b.
    expect(log.join("")).toBe("abaaaaaabaa");
  });

  it("never stops a run that is alone", async () => {
    const { run, log } = stage({ a: 100 });
    expect(await run("a", 5)).toBe(500);
    expect(log).toEqual(["a", "a", "a", "a", "a"]);
  });

  it("counts as own time only what a run held", async () => {
    const { run } = stage({ a: 10, b: 50 });
    expect(await Promise.all([run("a", 7), run("b", 2)])).toEqual([70, 100]);
  });

  it("starts a late run level with the others, so that it can't starve them", async () => {
    const { run, log, time } = stage({ a: 30, b: 30 });
    const first = run("a", 40);
    while (time.nowMs < 600) await Promise.resolve();
    await Promise.all([first, run("b", 5)]);
    const shared = log.slice(log.indexOf("b"), log.lastIndexOf("b") + 1).join("");
    expect(shared).toMatch(/^b(a?b)+$/);
    expect(shared).toContain("ab");
    expect(shared).not.toContain("bbb");
  });

  it("passes the device on when its holder leaves", async () => {
    const { scheduler } = stage({});
    const [a, b] = [scheduler.join(), scheduler.join()];
    await a.take();
    let isTaken = false;
    const waiting = b.take().then(() => {
      isTaken = true;
    });
    await Promise.resolve();
    expect(isTaken).toBe(false);
    a.leave();
    await waiting;
    expect([scheduler.size, b.isShared]).toEqual([1, false]);
  });
});
