import { expect, it } from "vitest";
import { StopSearch } from "./stop-search.js";

const bytes = (text: string) => new TextEncoder().encode(text);

it("what was cut off is forgotten: a stop text is looked for in what stands before it and what comes after", () => {
  const search = new StopSearch(["bcd", "xc"]);
  for (const token of ["ab", "x"]) search.push(bytes(token));
  search.length = 1;
  expect([search.length, search.byteLength, search.entryAt(2)]).toEqual([1, 2, -1]);
  // "b" may become "bcd".
  expect(search.heldLength()).toBe(1);
  search.push(bytes("cd"));
  expect(search.findLast()).toBe(1);
  expect(new TextDecoder().decode(search.bytes(search.byteLength))).toBe("abcd");
});
