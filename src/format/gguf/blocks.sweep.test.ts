import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DTYPES, type BlockDtype } from "../tensor.js";
import { widenBlocks } from "./blocks.js";

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
    const made = widenBlocks(bytes, dtype as BlockDtype);
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
