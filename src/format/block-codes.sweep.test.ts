import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DTYPES, type BlockDtype } from "./tensor.js";
import { BLOCK_FORMATS } from "./block-codes.js";
import { dequantize } from "./quantize.js";

interface Case {
  blocks: string;
  values: string;
}

const cases = JSON.parse(readFileSync("tests/fixtures/gguf/blocks.json", "utf8")) as Record<BlockDtype, Case>;
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

test.each(Object.entries(cases))(
  "%s dequantises as gguf-py does, bit for bit, whatever its scales are",
  (dtype, { blocks, values }) => {
    const bytes = bytesOf(blocks);
    const expected = new Float32Array(bytesOf(values).buffer);
    const made = BLOCK_FORMATS.widen(dtype as BlockDtype, bytes);
    expect(made.length).toBe((bytes.length / DTYPES[dtype as BlockDtype].bytes) * DTYPES[dtype as BlockDtype].values);
    expect(made.length).toBe(expected.length);
    const bits = [made, expected].map((floats) => new Uint32Array(floats.buffer));
    // Which bits a NaN has is no one's law.
    const wrong = expected.findIndex((value, i) =>
      Number.isNaN(value) ? !Number.isNaN(made[i]) : bits[0][i] !== bits[1][i],
    );
    expect(wrong < 0 ? null : { at: wrong, made: made[wrong], expected: expected[wrong] }).toBeNull();
  },
);

test("blocks of several formats are held in one that holds each, and no number changes", () => {
  const dtypes = Object.keys(cases) as BlockDtype[];
  for (const a of dtypes)
    for (const b of dtypes)
      for (const isWide of [false, true]) {
        const storage = BLOCK_FORMATS.storage([a, b], isWide);
        if (!storage) throw new Error("these are blocks");
        if (isWide) expect(storage.format).toBe("q8");
        for (const dtype of [a, b]) {
          const bytes = bytesOf(cases[dtype].blocks);
          const held = dequantize(BLOCK_FORMATS.codes(dtype, bytes, storage), storage.format, storage);
          const own = BLOCK_FORMATS.widen(dtype, bytes);
          // -0 and a least weight of 0 are 0.
          const wrong = held.findIndex(
            (value, i) => value !== own[i] && !(Number.isNaN(value) && Number.isNaN(own[i])),
          );
          expect(wrong, `${dtype} beside ${a} and ${b}`).toBe(-1);
        }
      }
});

test.each([
  [["Q4_0"], { format: "q4", size: 32, hasMins: false }],
  [["Q8_0"], { format: "q8", size: 32, hasMins: false }],
  [["Q5_0"], { format: "q8", size: 32, hasMins: false }],
  [["Q4_1", "Q4_K"], { format: "q4", size: 32, hasMins: true }],
  [["Q5_K", "Q5_1"], { format: "q8", size: 32, hasMins: true }],
  [["Q6_K"], { format: "q8", size: 16, hasMins: false }],
  [["Q4_K", "Q6_K"], { format: "q8", size: 16, hasMins: true }],
  [["Q4_0", "Q4_1"], { format: "q8", size: 32, hasMins: true }],
  [["Q4_0", "F16"], null],
] as const)("%s are held in %o", (dtypes, storage) => {
  expect(BLOCK_FORMATS.storage(dtypes)).toEqual(storage);
});
