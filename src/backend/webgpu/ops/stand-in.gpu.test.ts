import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Linear } from "./linear.js";
import { packPanels } from "./panels.js";
import { numbers, padRows, TestBed } from "../../../testing/test-bed.js";
import { CPU_LIKE } from "./variants.js";

const N = 40;
const K = 24;
const MAX_ROWS = 200;
let bed: TestBed;
let product: (numRows: number) => Promise<number[]>;
beforeEach(async () => {
  bed = await TestBed.open();
  const { arena, kernels } = bed.gpu;
  const y = bed.empty("y", MAX_ROWS * N);
  const w = packPanels(numbers(2, N * K), { n: N, k: K }, CPU_LIKE.panel, false);
  const linear = new Linear(bed.gpu, arena, CPU_LIKE, {
    x: bed.floats("x", padRows(numbers(1, MAX_ROWS * K), K)),
    w: { buffer: arena.upload("w", w), format: "f32", n: N, k: K },
    y,
    yStride: N,
  });
  product = async (numRows) => {
    linear.record(bed.step([numRows]), numRows);
    return [...(await bed.readFloats(y, numRows * N))];
  };
  await product(1);
  kernels.mayStandIn = true;
});
afterEach(() => bed.close());

describe("a tile that isn't compiled", () => {
  it("is stood in for by one that is, with the same bits, until that has cost as much as compiling", async () => {
    const { kernels } = bed.gpu;
    const { stallCount, pipelineCount } = kernels;
    const first = await product(4);
    expect(kernels.pipelineCount).toBe(pipelineCount);
    // Four tiles of one row for one of four, each time: 2.15 products of a row.
    for (let i = 0; i < 190; i++) await product(4);
    expect(kernels.pipelineCount).toBe(pipelineCount + 1);
    expect(kernels.stallCount).toBe(stallCount);
    expect(await product(4)).toEqual(first);
  });

  it("is compiled at once for more rows than it is worth standing in for", async () => {
    const { kernels } = bed.gpu;
    const { stallCount } = kernels;
    const whole = await product(MAX_ROWS);
    expect(kernels.stallCount).toBe(stallCount + 1);
    expect(whole.slice(0, 4 * N)).toEqual(await product(4));
  });
});
