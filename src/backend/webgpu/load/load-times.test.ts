import { expect, it } from "vitest";
import { memorySource } from "../../../format/source.js";
import { LoadClock } from "./load-times.js";

it("gives every millisecond to one phase, and reads to fetchMs wherever they happen", async () => {
  let nowMs = 100;
  const clock = new LoadClock(() => nowMs);
  const memory = memorySource(new Map([["config.json", "{}"]]));
  const slow = clock.timed({
    ...memory,
    json: async (name) => {
      nowMs += 7;
      return memory.json(name);
    },
  });
  nowMs += 1;
  await slow.json("config.json");
  nowMs += 2;
  clock.enter("uploadMs");
  nowMs += 20;
  clock.enter("compileMs");
  nowMs += 40;
  clock.enter(null);
  nowMs += 1000;
  clock.enter("parseMs");
  expect(clock.times).toEqual({ fetchMs: 7, parseMs: 3, tuneMs: 0, uploadMs: 20, compileMs: 40 });
});

it("goes on with the phase it was in after a read that fails", async () => {
  let nowMs = 0;
  const clock = new LoadClock(() => nowMs);
  await expect(clock.timed(memorySource(new Map())).json("missing.json")).rejects.toThrow("missing.json");
  nowMs += 5;
  clock.enter("uploadMs");
  expect(clock.times).toMatchObject({ fetchMs: 0, parseMs: 5 });
});
