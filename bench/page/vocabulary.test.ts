import { expect, test } from "vitest";
import { vocabularyOf } from "./vocabulary.js";

// "Ġ" is how byte-level vocabularies write a space, "Ċ" a line feed, "Ã©" the two bytes of é.
const { pieceOf, idOf } = vocabularyOf({
  model: { vocab: { "<|end|>": 0, a: 1, Ġthe: 2, "Ã©": 3, Ã: 4, Ċ: 5, Ń: 6 } },
  added_tokens: [{ id: 0, content: "<|end|>" }],
});

test("a piece is the text that its bytes spell", () => {
  expect([0, 1, 2, 3, 5].map(pieceOf)).toEqual(["<|end|>", "a", " the", "é", "\n"]);
});

test("byte 173 is written like the invisible ones", () => {
  expect(pieceOf(6)).toBe("\uFFFD");
});

test("a piece has the id it came from, and other text has none", () => {
  expect([" the", "é", "<|end|>"].map(idOf)).toEqual([2, 3, 0]);
  expect(idOf("the")).toBe(-1);
});

test("an id outside the vocabulary is an error", () => {
  expect(() => pieceOf(7)).toThrow("no token 7");
});
