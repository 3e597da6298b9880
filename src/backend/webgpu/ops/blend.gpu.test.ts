import { afterAll, beforeAll, expect, it } from "vitest";
import { floatBits } from "../gpu/queue.js";
import { makeOp } from "./op.js";
import { selectStep } from "./select-step.js";
import { numbers, TestBed } from "../../../testing/test-bed.js";

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterAll(() => bed.close());

it.each([
  { own: 1, other: 1, vocab: 1 },
  { own: 3, other: 2, vocab: 67 },
  { own: 65, other: 65, vocab: 513 },
  { own: 2, other: 2, vocab: 151_937 },
])("blend_rows mixes $other rows of $vocab logits into $own as float64 does, and leaves the others", async (shape) => {
  const { own, other, vocab } = shape;
  const [a, b] = [numbers(1, own * vocab), numbers(2, other * vocab)];
  for (const share of [0, 0.3, 1]) {
    const rows = bed.floats("own", a);
    const op = makeOp(bed.gpu, "blend_rows", {}, [rows, bed.floats("other", b)]);
    op.record(selectStep(bed.gpu.queue, { numRows: other, vocab, weight: floatBits(share) }), other * vocab);
    const mixed = await bed.readFloats(rows, own * vocab);
    const expected = (i: number) => (i < b.length ? (1 - share) * a[i] + share * b[i] : a[i]);
    const bound = (i: number) => (share === 0 || share === 1 ? 0 : 2 ** -22 * (Math.abs(a[i]) + Math.abs(b[i] ?? 0)));
    expect(mixed.findIndex((value, i) => Math.abs(value - expected(i)) > bound(i))).toBe(-1);
  }
});
