import { describe, expect, it } from "vitest";
import { fileBed } from "../../../testing/file-device.js";
import { bits, numbers } from "../../../testing/test-bed.js";
import { makeOp } from "./op.js";

const bed = await fileBed();
const NONE = 0xffffffff;
const STAGE = 3;

/** The first stage that isn't finite, where `found` was before: of `rows` rows of `width` words, the word `at` among them. */
async function look(rows: number, width: number, at: number, word: number, found = NONE): Promise<number> {
  const words = new Uint32Array(numbers(rows + width, rows * width).buffer);
  words[at] = word;
  const stages = bed.words("found", [found]);
  const bindings = [bed.uniform([width, STAGE]), bed.words("x", words), stages];
  // A row behind those that are looked at is no one's.
  makeOp(bed.gpu, "find_not_finite", {}, bindings).record(bed.step([rows - 1]), rows);
  return (await bed.readWords(stages, 1))[0];
}

describe.each([
  { rows: 2, width: 1 },
  { rows: 4, width: 67 },
  { rows: 66, width: 4 },
  { rows: 258, width: 33 },
  { rows: 3, width: 4100 },
])("find_not_finite in $rows rows of $width", ({ rows, width }) => {
  const last = (rows - 1) * width - 1;
  it.each([
    ["a quiet NaN", 0x7fc00000],
    ["a NaN of any payload", 0xff800001],
    ["infinity", bits(Number.POSITIVE_INFINITY)],
    ["minus infinity", bits(Number.NEGATIVE_INFINITY)],
  ])("tells of %s at the first place and the last, and keeps an earlier stage", async (_, word) => {
    expect(await look(rows, width, 0, word)).toBe(STAGE);
    expect(await look(rows, width, last, word)).toBe(STAGE);
    expect(await look(rows, width, last, word, 1)).toBe(1);
    expect(await look(rows, width, last, word, 9)).toBe(STAGE);
    expect(await look(rows, width, last + 1, word)).toBe(NONE);
  });

  it("takes the largest and the smallest float for finite", async () => {
    for (const word of [0x7f7fffff, 0xff7fffff, 0x00000001, 0x80000000]) {
      expect(await look(rows, width, last, word)).toBe(NONE);
    }
  });
});
