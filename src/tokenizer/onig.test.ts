import { expect, it } from "vitest";
import { PRE_TOKENIZERS, preTokenizerOf } from "../format/gguf/pre-tokenizers.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { onigRegExp } from "./onig.js";

const real = new Set(PRE_TOKENIZERS.flatMap((name) => preTokenizerOf(name)?.patterns ?? []));

it.each([...real])("takes the pattern of a real tokenizer, %s", (pattern) => {
  expect(onigRegExp(pattern).flags).toBe("gv");
});

it.each([
  String.raw`(?:\p{L}\p{M}*)+`,
  String.raw`[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`,
])("takes %s", (pattern) => {
  expect(onigRegExp(pattern).flags).toBe("gv");
});

it.each([
  [String.raw`(?:\w+\s?)+$`, "a loop that reads one text in several ways"],
  [String.raw`(?:\p{L}|\w)*;`, "a loop that reads one text in several ways"],
  ["(?i:(?:x+)*y)", "a loop that reads one text in several ways"],
  [String.raw`(?:(?>\p{L}+))+;`, "a loop that reads one text in several ways"],
  [String.raw`\s*\s*\s*\s*;`, "more than 3 loops in a row"],
])("refuses %s, with which a text of some words could hold a page for ever", (pattern, why) => {
  expect(() => onigRegExp(pattern)).toThrow(ModelLoadError);
  expect(() => onigRegExp(pattern)).toThrow(`${JSON.stringify(pattern)} with ${why}`);
});
