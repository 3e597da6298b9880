import { describe, expect, it } from "vitest";
import { hasHoles, splitHoles } from "../vocabulary/holes.js";
import { readPrompt } from "./prompt.js";
import type { Tokenizer } from "./tokenizer.js";

/** A token a character, by its code; BOS is 0. */
const letters = {
  encode: (text: string) => [...text].map((letter) => letter.charCodeAt(0)),
  promptIds: (text: string) => [0, ...letters.encode(text)],
} as Tokenizer;
const idsOf = (...given: Parameters<typeof readPrompt>) => readPrompt(...given).ids;
const how = { isInfill: true, maskToken: 1 };

describe("a prompt with holes", () => {
  it("has so many mask ids for each, and one space before a hole belongs to it", () => {
    expect(idsOf(letters, "ab <mask:3> c<mask>", how)).toEqual([0, 97, 98, 1, 1, 1, 32, 99, 1]);
    expect(idsOf(letters, "<mask:2>c", how)).toEqual([0, 1, 1, 99]);
    expect(idsOf(letters, "a  <mask>", how)).toEqual([0, 97, 32, 1]);
  });

  it("is refused by those who could fill it and aren't asked to, and a plain text to those who can't", () => {
    expect(() => idsOf(letters, "a <mask>", { ...how, isInfill: false })).toThrow(/has a hole.*infill/);
    expect(idsOf(letters, "a <mask x>", { ...how, isInfill: false })).toHaveLength(11);
    expect(idsOf(letters, "<mask>", { ...how, maskToken: null })).toHaveLength(7);
    expect(idsOf(letters, [5, 1], how)).toEqual([5, 1]);
  });

  it("is refused by name where its decoder can't fill holes, with a mask token or without", () => {
    const decoder = { name: "autoregressive", canInfill: false };
    for (const maskToken of [1, null]) {
      expect(() => idsOf(letters, "a <mask:4>", { isInfill: false, maskToken, decoder })).toThrow(
        /hole, <mask:4>, which autoregressive can't fill.*block-diffusion/,
      );
      const other = { name: "block-diffusion", canInfill: true };
      expect(() => idsOf(letters, "a <mask>", { isInfill: false, maskToken, decoder: other })).toThrow(
        /hole, <mask>: give infill/,
      );
    }
  });

  it("can't have a hole longer than the model's context", () => {
    expect(() => idsOf(letters, "a<mask:65>", { ...how, maxLength: 64 })).toThrow(/hole.* 65 tokens.* 64/);
    expect(idsOf(letters, "a<mask:64>", { ...how, maxLength: 64 })).toHaveLength(66);
  });

  it("can't have a hole of nothing", () => {
    expect(() => idsOf(letters, "a<mask:0>", how)).toThrow(/hole.* 0 tokens/);
    expect(() => idsOf(letters, "a<mask:99999999>", how)).toThrow(/hole.* 99999999 tokens/);
  });

  it.each(["0x10", "1e1", "3.", " 3", "٣", "three", "-1", ""])("can't have a hole of %j tokens", (length) => {
    expect(() => idsOf(letters, `a <mask:2> b <mask:${length}>`, how)).toThrow(/^A hole can't have .* tokens: give a/);
  });

  it("is known by its holes, each with what stands behind it", () => {
    expect(hasHoles("a <mask:2> b")).toBe(true);
    expect(hasHoles("a <mask:x> b <|mask|>")).toBe(false);
    expect(splitHoles("a <mask:2> b<mask>")).toEqual({
      before: "a",
      holes: [
        { length: 2, behind: " b" },
        { length: 1, behind: "" },
      ],
    });
  });
});
