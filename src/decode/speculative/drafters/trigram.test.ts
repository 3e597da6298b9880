import { describe, expect, it } from "vitest";
import { scriptedLaw } from "../../../testing/laws.js";
import { mockModel } from "../../../backend/host/mock.js";
import { rehearse } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";
import { pathsOf, randomIds } from "../../../testing/draft-fuzz.js";
import { searchTree } from "./tree-search.js";
import { Trigrams } from "./trigrams.js";

describe("tri-gram weights", () => {
  it("grow by .04 for every token after which they lie in the last 16, up to 3", () => {
    const ids = [...randomIds(3, 60, 3), ...new Array<number>(20).fill(1), ...randomIds(4, 60, 3)];
    const trigrams = new Trigrams();
    // Reading in pieces or at once is the same: a run that starts again has the same weights.
    for (const length of [1, 2, 17, 40, 140]) trigrams.read(ids.slice(0, length));
    const whole = new Trigrams();
    whole.read(ids);
    const seen = new Set<number>();
    for (const a of [0, 1, 2]) {
      for (const b of [0, 1, 2]) {
        for (const c of [0, 1, 2]) {
          let count = 0;
          for (let length = 1; length <= ids.length; length++) {
            const last = ids.slice(Math.max(0, length - 16), length);
            for (let i = 0; i + 2 < last.length; i++) if (`${last.slice(i, i + 3)}` === `${[a, b, c]}`) count++;
          }
          const weight = trigrams.successors(a, b).get(c) ?? 0;
          expect(weight).toBeCloseTo(Math.min(3, 0.04 * count), 9);
          expect(whole.successors(a, b).get(c) ?? 0).toBe(weight);
          seen.add(weight);
        }
      }
    }
    expect(seen.has(3)).toBe(true);
    expect(seen.size).toBeGreaterThan(5);
    const once = new Trigrams();
    once.read([5, 6, 7]);
    expect([...once.successors(5, 6)]).toEqual([[7, 0.04]]);
  });

  it("begin as the corpus's shares of the 12 commonest successors", () => {
    // Token 20 + i follows the pair (1, 2) i + 1 times.
    const corpus = Array.from({ length: 15 }, (_, i) => new Array(i + 1).fill([1, 2, 20 + i])).flat(2);
    const trigrams = new Trigrams(corpus);
    const successors = trigrams.successors(1, 2);
    expect([...successors.keys()].sort()).toEqual(Array.from({ length: 12 }, (_, i) => 23 + i));
    expect(successors.get(34)).toBeCloseTo(15 / 120, 12);
    trigrams.read([9, 1, 2, 34]);
    expect(trigrams.successors(1, 2).get(34)).toBeCloseTo(15 / 120 + 0.04, 12);
  });
});

describe("the search over tri-grams", () => {
  const corpus = randomIds(8, 500, 6);

  it("gives a tree of known tri-grams, no path twice, no larger than the limit, at most five deep", () => {
    for (let seed = 0; seed < 8; seed++) {
      const trigrams = new Trigrams(corpus);
      const ids = randomIds(seed, 30, 6);
      trigrams.read(ids);
      for (const limit of [1, 5, 16, 63]) {
        const paths = pathsOf(searchTree(trigrams, ids, limit, seed));
        // 24 paths of five tokens share beginnings: they may have fewer nodes than a large limit.
        expect(paths.length).toBeGreaterThanOrEqual(Math.min(limit, 40));
        expect(paths.length).toBeLessThanOrEqual(limit);
        expect(new Set(paths.map(String)).size).toBe(paths.length);
        for (const path of paths) {
          expect(path.length).toBeLessThanOrEqual(5);
          const [a, b, c] = [...ids.slice(-2), ...path].slice(-3);
          expect(trigrams.successors(a, b).has(c)).toBe(true);
        }
      }
    }
  });

  it("puts the path with the greatest weights first", () => {
    const trigrams = new Trigrams();
    const ids = [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 9, 4, 1, 2];
    trigrams.read(ids);
    const draft = searchTree(trigrams, ids, 16, 0);
    expect(pathsOf(draft)[4]).toEqual([3, 4, 5, 1, 2]);
    expect(pathsOf(draft).map(String)).toContain("9,4,1,2");
  });

  it("gives the same tree for the same text and seed", () => {
    const trigrams = new Trigrams(corpus);
    const ids = randomIds(4, 30, 6);
    const draft = () => pathsOf(searchTree(trigrams, ids, 63, 5));
    expect(draft()).toEqual(draft());
    const others = [6, 7, 8, 9].map((seed) => `${pathsOf(searchTree(trigrams, ids, 63, seed))}`);
    expect(others.some((other) => other !== `${draft()}`)).toBe(true);
  });

  it("learns from the text as it is written, unless that is off", async () => {
    // The corpus knows nothing of what the model writes over and over.
    const script = Array.from({ length: 60 }, (_, i) => i % 4);
    const models = { target: mockModel({ law: scriptedLaw(script, 12), capabilities: { vocabSize: 12 } }) };
    const write = async (own: Record<string, unknown>) => {
      const options = { drafter: "trigram", max_new_tokens: 30, ...own };
      return (await rehearse({ decoder: speculative, models, promptIds: script.slice(0, 6), options })).done.metrics;
    };
    const foreign = { corpus: [7, 8, 9, 7, 8, 9] };
    expect((await write(foreign)).accepted).toBeGreaterThan(15);
    expect(await write({ ...foreign, trigram_update: "off" })).toMatchObject({ proposed: 0, forwards: 30 });
    const fitting = { corpus: script.slice(0, 12), trigram_update: "off" };
    expect((await write(fitting)).accepted).toBeGreaterThan(15);
    await expect(write({ trigram_update: "off" })).rejects.toThrow(
      /trigram_update off leaves .* give the option corpus/,
    );
  });

  it("is empty where nothing is known", () => {
    expect(searchTree(new Trigrams(), [1], 8, 0).tokens).toEqual([]);
    expect(searchTree(new Trigrams(), [1, 2, 3], 8, 0).tokens).toEqual([]);
  });
});
