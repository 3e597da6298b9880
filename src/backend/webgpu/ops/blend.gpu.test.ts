import { expect, it } from "vitest";
import { floatBits } from "../gpu/queue.js";
import { makeOp } from "./op.js";
import { selectStep } from "./select-step.js";
import { numbers } from "../../../testing/test-bed.js";
import { fileBed } from "../../../testing/file-device.js";

const bed = await fileBed();

it.each([
  { own: 1, other: 1, vocab: 1 },
  { own: 3, other: 2, vocab: 67 },
  { own: 3, other: 3, vocab: 67, width: 5 },
  { own: 3, other: 2, vocab: 67, width: 131 },
  { own: 65, other: 65, vocab: 513 },
  { own: 2, other: 2, vocab: 151_937 },
])(
  "blend_rows mixes $other rows into $own of $vocab logits as float64 does, and leaves others: $width",
  async (shape) => {
    const { own, other, vocab, width = vocab } = shape;
    const [a, b] = [numbers(1, own * vocab), numbers(2, other * width)];
    for (const share of [0, 0.3, 1]) {
      const rows = bed.floats("own", a);
      const op = makeOp(bed.gpu, "blend_rows", {}, [rows, bed.floats("other", b)]);
      op.record(selectStep(bed.gpu.queue, { numRows: other, vocab, width, weight: floatBits(share) }), other * vocab);
      const mixed = await bed.readFloats(rows, own * vocab);
      const of = (i: number) => (i % vocab < width ? b[Math.floor(i / vocab) * width + (i % vocab)] : undefined);
      const expected = (i: number) => {
        const theirs = of(i);
        return theirs === undefined ? a[i] : (1 - share) * a[i] + share * theirs;
      };
      const isExact = (i: number) => share === 0 || share === 1 || of(i) === undefined;
      const bound = (i: number) => (isExact(i) ? 0 : 2 ** -22 * (Math.abs(a[i]) + Math.abs(of(i) ?? 0)));
      expect(mixed.findIndex((value, i) => Math.abs(value - expected(i)) > bound(i))).toBe(-1);
    }
  },
);
