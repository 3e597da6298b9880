import { expect, it } from "vitest";
import { placeNames } from "./frontier-names.js";

it("puts names beside their marks where no other stands, the first first, and leaves out what has no room", () => {
  const marks = [
    { name: "autoregressive", x: 100, y: 50 },
    { name: "speculative", x: 104, y: 50 },
    { name: "at the right", x: 395, y: 100 },
  ];
  expect(placeNames(marks, 400)).toEqual([
    { name: "autoregressive", x: 110, y: 54, anchor: "start" },
    { name: "speculative", x: 94, y: 54, anchor: "end" },
    { name: "at the right", x: 385, y: 104, anchor: "end" },
  ]);
  const crowd = Array.from({ length: 9 }, () => ({ name: "mark", x: 100, y: 50 }));
  expect(placeNames(crowd, 400)).toHaveLength(4);
  expect(placeNames([{ name: "much too long", x: 20, y: 20 }], 40)).toEqual([]);
});
