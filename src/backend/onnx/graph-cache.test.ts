import { describe, expect, it } from "vitest";
import { GraphCache, type GraphRows } from "./graph-cache.js";

const NUM_LAYERS = 2;
const ROW_SIZE = 3;

/** Rows that tell by their numbers which they are: layer, keys or values, row. */
function rowsFrom(first: number, count: number): GraphRows {
  const of = (base: number) =>
    Float32Array.from(
      { length: count * ROW_SIZE },
      (_, i) => base + (first + Math.floor(i / ROW_SIZE)) * 10 + (i % ROW_SIZE),
    );
  return {
    count,
    positions: Int32Array.from({ length: count }, (_, i) => first + i),
    keys: [of(10_000), of(20_000)],
    values: [of(30_000), of(40_000)],
  };
}

/** Which rows a cache holds, by each of its arrays; they must agree. */
function heldBy(cache: GraphCache): number[] {
  const bases = [10_000, 20_000, 30_000, 40_000];
  const arrays = [cache.keys(0), cache.keys(1), cache.values(0), cache.values(1)];
  const held = [...cache.positions];
  for (const [i, array] of arrays.entries()) {
    expect([...array]).toEqual(held.flatMap((row) => [0, 1, 2].map((column) => bases[i] + row * 10 + column)));
  }
  return held;
}

describe("a cache of keys and values", () => {
  it("holds what is appended, beyond the room it had", () => {
    const cache = new GraphCache(NUM_LAYERS, ROW_SIZE);
    expect(heldBy(cache)).toEqual([]);
    cache.append(rowsFrom(0, 60));
    cache.append(rowsFrom(60, 90));
    expect(cache.length).toBe(150);
    expect(heldBy(cache)).toEqual(Array.from({ length: 150 }, (_, i) => i));
  });

  it("takes the listed rows of a forward, in their order", () => {
    const cache = new GraphCache(NUM_LAYERS, ROW_SIZE);
    cache.append(rowsFrom(0, 2));
    cache.append(rowsFrom(2, 6), [0, 3, 5]);
    expect(heldBy(cache)).toEqual([0, 1, 2, 5, 7]);
    cache.append(rowsFrom(50, 2), []);
    expect(cache.length).toBe(5);
  });

  it("is cut, and goes on behind the cut", () => {
    const cache = new GraphCache(NUM_LAYERS, ROW_SIZE);
    cache.append(rowsFrom(0, 8));
    cache.truncate(3);
    cache.append(rowsFrom(20, 1));
    expect(heldBy(cache)).toEqual([0, 1, 2, 20]);
    cache.truncate(10);
    expect(cache.length).toBe(4);
  });

  it("has rows overwritten in place", () => {
    const cache = new GraphCache(NUM_LAYERS, ROW_SIZE);
    cache.append(rowsFrom(0, 4));
    cache.write([3, 1], rowsFrom(30, 2));
    expect(heldBy(cache)).toEqual([0, 31, 2, 30]);
  });

  it("is copied to one that goes its own way", () => {
    const cache = new GraphCache(NUM_LAYERS, ROW_SIZE);
    cache.append(rowsFrom(0, 4));
    const other = cache.copy();
    other.truncate(2);
    other.append(rowsFrom(9, 1));
    cache.append(rowsFrom(4, 1));
    expect(heldBy(other)).toEqual([0, 1, 9]);
    expect(heldBy(cache)).toEqual([0, 1, 2, 3, 4]);
  });
});
