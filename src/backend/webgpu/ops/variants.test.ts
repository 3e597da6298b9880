import { describe, expect, it } from "vitest";
import { cheapestTiles, MATMUL_FAMILIES, type Tile } from "./variants.js";

describe("the tile for a number of rows", () => {
  const tiles: Tile[] = [
    { rows: 1, cost: 1 },
    { rows: 5, cost: 2 },
    { rows: 8, cost: 2.5 },
  ];
  const rowsFor = (numRows: number) => tiles[cheapestTiles(tiles)[numRows]].rows;

  it("repeats a smaller one where a larger would compute spare rows", () => {
    expect([1, 2, 5, 8, 9, 10, 11, 16, 64].map(rowsFor)).toEqual([1, 1, 5, 8, 5, 5, 8, 8, 8]);
  });

  it.each(Object.entries(MATMUL_FAMILIES))("is the one whose repetitions cost least, in the family %s", (_, family) => {
    const choice = cheapestTiles(family.tiles);
    for (let numRows = 1; numRows <= 64; numRows++) {
      const costs = family.tiles.map(({ rows, cost }) => Math.ceil(numRows / rows) * cost);
      expect(costs[choice[numRows]], `${numRows} rows`).toBe(Math.min(...costs));
    }
  });
});
