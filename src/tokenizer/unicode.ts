/**
 * Classes of characters as Rust's `tokenizers` has them, as sources for a RegExp with flag `v`. Its parts know different
 * versions of Unicode: its regexes 16, its table of punctuation and accents 8, its normal forms 9. What an engine's newer
 * Unicode adds is taken out here; `npm run test:whole` compares all code points (`tests/fixtures/tokenizers/make_goldens.py`).
 */

/** Code points in hexadecimal as a part of a class: `"9 20-2f"`. */
export const codePoints = (list: string): string => list.replaceAll(/[0-9a-f]+/g, "\\u{$&}").replaceAll(" ", "");

/** One code point, outside and inside of a class. */
export function literal(char: string): string {
  return /^[A-Za-z0-9]$/.test(char) ? char : `\\u{${(char.codePointAt(0) as number).toString(16)}}`;
}

/** Assigned after Unicode 16. */
const LATER = codePoints(
  "88f c5c cdc 1acf-1add 1ae0-1aeb 20c1 2b96 a7ce-a7cf a7d2 a7d4 a7f1 fbc3-fbd2 fd90-fd91 fdc8-fdce 10940-10959 10ec5-10ec7 10ed0-10ed8 10efa-10efb 11b60-11b67 11db0-11ddb 11de0-11de9 16ea0-16eb8 16ebb-16ed3 16ff2-16ff6 187f8-187ff 18d09-18d1e 18d80-18df2 1ccfa-1ccfc 1ceba-1ced0 1cee0-1cef0 1e6c0-1e6de 1e6e0-1e6f5 1e6fe-1e6ff 1f6d8 1f777-1f77a 1f8d0-1f8d8 1fa54-1fa57 1fa8a 1fa8e 1fac8 1facd 1faea 1faef 1fbfa 2b73a-2b73f 2cea2-2cead 323b0-33479",
);

/** A general category or script of Unicode 16. */
export const property = (name: string): string => {
  // U+0295 has changed its case.
  if (name === "Ll" || name === "Lowercase") return `[[\\p{${name}}\\u0295]--[${LATER}]]`;
  if (name === "Lo") return `[\\p{Lo}--[\\u0295${LATER}]]`;
  return `[\\p{${name}}--[${LATER}]]`;
};

/** Class of white space, as Rust has it: without the BOM. */
export const WHITESPACE = "\\p{White_Space}";
/** `\w` within a regex's class; `\w` alone also has six numbers of Latin-1. */
export const WORD = `[[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]--[${LATER}]]`;
/** `\w` of Rust's own regexes. */
export const RUST_WORD = `[[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]--[${LATER}]]`;
/** Class of what `Digits` splits at. */
export const NUMERIC = "\\p{N}";
