import { expect, it } from "vitest";
import { visibleText } from "./visible-text.js";

it.each([
  [" dog", "␣dog"],
  ["\n\t\r", "⏎⇥␍"],
  ["\u0000\u007f", "␀␡"],
  ["a\u200bb\u00a0", "a⟨U+200B⟩b⟨U+00A0⟩"],
  ["\u202e", "⟨U+202E⟩"],
  ["déjà 🦊", "déjà␣🦊"],
])("makes what can't be seen of %j visible", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});
