import { expect, it } from "vitest";
import { numberOf } from "./number-text.js";

it.each<[string, number]>([
  ["7", 7],
  ["-7", -7],
  ["+7", 7],
  ["007", 7],
  ["0.25", 0.25],
  [".25", 0.25],
  ["5.", 5],
  ["1e3", 1000],
  ["2.5E-3", 0.0025],
  [" 5\t", 5],
  ["-0", -0],
])("%j is %d", (text, number) => expect(numberOf(text)).toBe(number));

it.each(
  "0x10 0X1F 0b11 0o17 1_000 1,000 1.000.0 1e 1e3.5 . - e5 ٣ ５ −5 ½ Infinity -Infinity NaN null true 1e999 5px 1n 5|- --5".split(
    " ",
  ),
)("%s is no number", (text) => expect(numberOf(text)).toBeNull());

it("nothing is no number", () => {
  for (const text of ["", " ", "\n", "1 2"]) expect(numberOf(text)).toBeNull();
});
