import { expect, it } from "vitest";
import { busyTicks, OtherWork, processOf, readTicks, ticksOfTree } from "./other-work.js";

it("what the machine did is all but idle and waiting, stolen time included", () => {
  expect(busyTicks("cpu  100 20 3 5000 700 4 5 60 9 9\ncpu0 1 2 3 4 5 6 7 8 9 10\n")).toBe(192);
});

it("a process's time is its own, whatever its name is", () => {
  const stat = "42 (a) b ( c) S 7 42 42 0 -1 4194304 1 2 3 4 10 20 300 4000 20 0 1 0 99 1000 50";
  expect(processOf(stat)).toEqual({ parent: 7, ticks: 30 });
});

it("what a benchmark starts is its own work, down to grandchildren, and nobody else's", () => {
  const processes = new Map([
    [1, { parent: 0, ticks: 1000 }],
    [10, { parent: 1, ticks: 1 }],
    [11, { parent: 10, ticks: 20 }],
    [12, { parent: 11, ticks: 300 }],
    [20, { parent: 1, ticks: 4000 }],
  ]);
  expect([...ticksOfTree(processes, 10)]).toEqual([
    [10, 1],
    [11, 20],
    [12, 300],
  ]);
});

it("the share of others is what the machine did and the benchmark didn't, by all cores", () => {
  let now = { all: 1000, own: new Map([[1, 400]]) };
  let nowMs = 5000;
  const others = new OtherWork(
    () => now,
    () => nowMs,
    2,
  );
  nowMs += 10_000;
  // 10 s on two cores are 2,000 ticks: 1,100 were worked, 900 of them by the benchmark.
  now = {
    all: 1600,
    own: new Map([
      [1, 700],
      [2, 200],
    ]),
  };
  expect(others.share).toBe(0.05);
  // The second process has ended, and what it did is no other's.
  now = { all: 2100, own: new Map([[1, 1100]]) };
  expect(others.share).toBe(0.1);
  now = { all: 1900, own: new Map([[1, 1101]]) };
  expect(others.share).toBe(0);
  expect(new OtherWork(() => null).share).toBeNull();
});

it.runIf(process.platform === "linux")("Linux tells", () => {
  const ticks = readTicks();
  const own = ticks?.own.get(process.pid) ?? Number.NaN;
  expect(own).toBeGreaterThan(0);
  expect(ticks?.all).toBeGreaterThanOrEqual(own);
});
