import { describe, expect, it } from "vitest";
import type { AdapterFacts } from "../gpu/device.js";
import { cheapestTiles, familiesFor, MATMUL_FAMILIES, type Tile, variantsFor } from "./variants.js";

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

describe("kernels by adapter", () => {
  const facts = (more: Partial<AdapterFacts>) =>
    ({ vendor: "", isSoftware: false, subgroupMinSize: 0, ...more }) as AdapterFacts;

  it("on a CPU are those of as many lanes as its vectors have; only vectors of four have f16 weights widened", () => {
    const swiftShader = facts({ isSoftware: true, subgroupMinSize: 4 });
    expect(familiesFor(swiftShader)).toEqual(["cpu-like"]);
    expect(variantsFor(swiftShader)).toMatchObject({ matmul: { panel: { LANES: 4 } }, widensF16: true });
    const llvmpipe = facts({ isSoftware: true, subgroupMinSize: 8 });
    expect(familiesFor(llvmpipe)).toEqual(["cpu-like-8"]);
    expect(variantsFor(llvmpipe)).toMatchObject({ matmul: { panel: { LANES: 8 } }, widensF16: false });
  });

  it("on what isn't known as a CPU are tried among those of CPUs too, and keep f16 weights", () => {
    for (const vendor of ["intel", "nvidia", "mesa"]) {
      expect(familiesFor(facts({ vendor }))[0]).toBe("gpu-like");
      expect(familiesFor(facts({ vendor }))).toContain("cpu-like");
      expect(variantsFor(facts({ vendor, subgroupMinSize: 32 })).widensF16).toBe(false);
    }
  });
});
