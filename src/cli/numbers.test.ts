import { expect, test } from "vitest";
import { attention, integer, integerList } from "./numbers.js";

test("lists take commas and spaces, and -1 where it is allowed", () => {
  expect(integerList("--ids", "5,9, 2", 0)).toEqual([5, 9, 2]);
  expect(integerList("--parents", "-1,0,0,1", -1)).toEqual([-1, 0, 0, 1]);
});

test.each(["1.5", "x", "NaN", "-1", "1e3", "0x10", "٣", "5.", "99999999999999999999"])(
  "%s is no id, and the error names flag and value",
  (text) => {
    expect(() => integerList("--ids", `7,${text}`, 0)).toThrow(`--ids "${text}"`);
  },
);

test.each(["1.5", "x", "NaN", "-1", "0x10", "0b1", "1_000", "٣", "", "99999999999999999999"])(
  "%j is no number of tokens, and the error names flag and value",
  (text) => {
    expect(() => integer("--context", text, 0)).toThrow(`--context ${JSON.stringify(text)}: expected an integer`);
  },
);

test("attention is causal, full or blocks of a whole number of at least one", () => {
  expect(attention("causal")).toBe("causal");
  expect(attention("full")).toBe("full");
  expect(attention("block:4")).toEqual({ block: 4 });
  for (const text of ["block:0", "block:", "block:2.5", "tree"]) expect(() => attention(text)).toThrow("--attend");
});
