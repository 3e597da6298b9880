import { describe, expect, it } from "vitest";
import { slowPart } from "./slow-pattern.js";

const judged = (source: string) => slowPart(source, { nests: true, maxLoops: 3 });

// Real tokenizers' own; those of GGUF's names and of the fixtures are read in their own tests.
const LLAMA4 = String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'[sS]|'[rR][eE])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n\/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

describe("patterns whose loops read a text in one way", () => {
  it.each([
    [String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`],
    [LLAMA4],
    [String.raw`(?:\p{L}\p{M}*)+`],
    [String.raw`\p{N}{1,3}(?=(?:\p{N}{3})*(?:\P{N}|$))`],
    [String.raw`(?:\r?\n)+`],
    ["(?:[a-z]+[0-9]+)*"],
    [String.raw`\d+\.\d+\.\d+\.\d+\.\d+`],
    ["(?:(?:a|b)?c)+d"],
    [String.raw`(?:\bfoo\b )+`],
    ["(?:a{3})+b"],
    ["a{2,}b{20}"],
    ["(?:(?=(?<a0>a+))\\k<a0>b)+"],
  ])("%s", (source) => {
    expect(new RegExp(source, "v")).toBeInstanceOf(RegExp);
    expect(judged(source)).toBeNull();
  });
});

describe("patterns with a loop that reads one text in several ways", () => {
  it.each([
    ["(?:a+)+b"],
    ["(?:a*)*b"],
    ["(?:a|a)*b"],
    [String.raw`(?:\w|\d)+!`],
    [String.raw`(?:\p{L}\p{L}?)+!`],
    ["(?:a?b?)*c"],
    ["(?:a|ab|b)*c"],
    ["(?:ab|aba|ba)*c"],
    ["(?:a{1,3})+b"],
    ["(?:a(?:|)b)+c"],
    [String.raw`\p{L}+(?!(?:a+)+b)`],
    ["(?:(?:(?:x+)y?)+z?)+!"],
    ["(?:(?=(?<a0>a+))\\k<a0>)+b"],
    ["(?:[a-m]|[k-z])+[0-9]"],
  ])("%s", (source) => {
    expect(new RegExp(source, "v")).toBeInstanceOf(RegExp);
    expect(judged(source)).toMatch(/several ways/);
  });
});

it.each([["a*a*a*a*b"], ["(?:a?){30}a{30}"], ["a?a?a?a?a?a?b"], ["(?:a{1,2}){8}b"], [String.raw`\s*\s+[\r\n]*\n+x`]])(
  "%s has too many loops in a row",
  (source) => {
    expect(judged(source)).toMatch(/loops in a row/);
  },
);

it("names what is too long to be judged", () => {
  expect(judged("(?:(?:(?:a{8}b){8}c){8}d){8}")).toMatch(/too many/);
});
