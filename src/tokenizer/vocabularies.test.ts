import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadTokenizer, type Tokenizer } from "./tokenizer.js";
import { compareVocabularies, differenceOf } from "./vocabularies.js";

const folder = new URL("../../tests/fixtures/masked/a2d-qwen3/", import.meta.url);
const json = JSON.parse(readFileSync(new URL("tokenizer.json", folder), "utf8"));
const [start, end, mask] = json.added_tokens;
const of = (added: object[], vocab = json.model.vocab): Tokenizer =>
  loadTokenizer({ ...json, added_tokens: added, model: { ...json.model, vocab } }, {});

describe("two vocabularies", () => {
  it("go together where each id that both have stands for one token: a mask besides, or padding, is no difference", () => {
    const comparison = compareVocabularies(of([start, end]), of([start, end, mask]));
    expect(comparison).toEqual({ numShared: 82, numDifferent: 0, numOwnOnly: 0, numOtherOnly: 1, examples: [] });
    expect(differenceOf(comparison)).toBe("");
    expect(compareVocabularies(of([start, end, mask]), of([]))).toMatchObject({ numShared: 80, numOwnOnly: 3 });
  });

  it("don't where ids stand for other tokens, however many there are: which first is said", () => {
    const swapped = { ...json.model.vocab, t7: 5, t5: 7 };
    const comparison = compareVocabularies(of([start, end]), of([start, end], swapped));
    expect(comparison).toMatchObject({ numShared: 80, numDifferent: 2, numOwnOnly: 0, numOtherOnly: 0 });
    expect(comparison.examples).toEqual([
      { id: 5, own: "t5", other: "t7" },
      { id: 7, own: "t7", other: "t5" },
    ]);
    expect(differenceOf(comparison)).toBe(
      'of 82 ids that both have, 2 stand for others: 5 for "t7", not "t5"; 7 for "t5", not "t7"',
    );
    const other = Object.fromEntries(Object.entries(json.model.vocab).map(([word, id]) => [`u${word}`, id]));
    const all = compareVocabularies(of([]), of([], { ...other, t0: 80 } as never));
    expect(all).toMatchObject({ numShared: 0, numDifferent: 80, numOtherOnly: 1 });
    expect(all.examples).toHaveLength(5);
    expect(differenceOf(all)).toMatch(/80 stand for others: 0 for "ut0", not "t0"; .*; …$/);
  });

  it("don't where a token was added in another place", () => {
    const moved = compareVocabularies(of([start, end, mask]), of([start, { ...mask, id: 81 }, { ...end, id: 82 }]));
    expect(moved.examples.map(({ id }) => id)).toEqual([81, 82]);
  });
});
