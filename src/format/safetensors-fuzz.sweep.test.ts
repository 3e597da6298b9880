// Headers that are damaged at random: each file loads, or is refused in one line that names it; nothing beyond it is read or allocated.
import { expect, it } from "vitest";
import { IS_WHOLE } from "../testing/test-depth.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { openCheckpoint, readAll } from "./checkpoint.js";
import { memorySource, type ModelSource } from "./source.js";

const NUM_CASES = IS_WHOLE ? 10_000 : 1000;

const HEADER = {
  __metadata__: { format: "pt" },
  "model.embed_tokens.weight": { dtype: "F16", shape: [4, 6], data_offsets: [0, 48] },
  "model.norm.weight": { dtype: "F32", shape: [4], data_offsets: [48, 64] },
  "model.layers.0.attn.bias": { dtype: "BOOL", shape: [1, 2, 4], data_offsets: [64, 72] },
  "lm_head.weight": { dtype: "BF16", shape: [4, 6], data_offsets: [72, 120] },
};

const deep = "[".repeat(20_000) + "]".repeat(20_000);
const ODD = [
  "null",
  "true",
  "-1",
  "0",
  "1.5",
  "1e308",
  "9007199254740991",
  "9007199254740993",
  "4294967296",
  '""',
  '"F32"',
  '"F64"',
  '"\\n"',
  "[]",
  "{}",
  "[0]",
  "[-1]",
  "[9007199254740991,9007199254740991]",
  "[0,48]",
  "[4,[6]]",
  '["4"]',
  "[48,0]",
  "[0,1e15]",
  deep,
  `"${"x".repeat(5000)}"`,
];

type Random = (below: number) => number;

function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 2 ** 32) * below);
  };
}

function fileOf(text: Uint8Array | string, claimed?: bigint, dataBytes = 120): Uint8Array<ArrayBuffer> {
  const header = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const file = new Uint8Array(8 + header.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, claimed ?? BigInt(header.length), true);
  file.set(header, 8);
  return file;
}

/** The header's text with one value, or one key, made another. */
function oddHeader(random: Random): string {
  const text = JSON.stringify(HEADER);
  const values = [...text.matchAll(/(?<=[:[,])(?:"[^"]*"|\d+|\[[^\]]*\]|\{[^{}]*\})|"[^"]*"(?=:)/g)];
  const { 0: found, index } = values[random(values.length)];
  const isKey = text[index + found.length] === ":";
  const keys = ['"__proto__"', '""', '"a\\nb"', '"model.norm.weight"', `"${"k".repeat(3000)}"`];
  const other = isKey ? keys[random(keys.length)] : ODD[random(ODD.length)];
  return text.slice(0, index) + other + text.slice(index + found.length);
}

function damaged(random: Random): Uint8Array<ArrayBuffer> {
  const whole = fileOf(JSON.stringify(HEADER));
  const kind = random(6);
  if (kind === 0) return fileOf(oddHeader(random));
  if (kind === 1) return whole.slice(0, random(whole.length));
  if (kind === 2) return fileOf(JSON.stringify(HEADER), undefined, random(300));
  if (kind === 3) {
    const lengths = [0n, 1n, 7n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, BigInt(random(whole.length + 9))];
    return fileOf(JSON.stringify(HEADER), lengths[random(lengths.length)]);
  }
  const file = whole.slice();
  const numHeader = whole.length - 120;
  // Of bits, or of whole bytes.
  for (let i = random(4); i >= 0; i--) {
    const at = random(numHeader);
    file[at] = kind === 4 ? file[at] ^ (1 << random(8)) : random(256);
  }
  return file;
}

it(`${NUM_CASES} damaged headers are refused by name, or harmless`, async () => {
  let numRefused = 0;
  for (let seed = 1; seed <= NUM_CASES; seed++) {
    const file = damaged(randomOf(seed));
    const memory = memorySource(new Map([["model.safetensors", file]]), "here");
    let readBytes = 0;
    const source: ModelSource = {
      ...memory,
      file: async (name) => {
        const opened = await memory.file(name);
        return {
          ...opened,
          read(begin, end) {
            expect(begin >= 0 && begin <= end && end <= file.length, `case ${seed} reads ${begin} to ${end}`).toBe(
              true,
            );
            readBytes += end - begin;
            return opened.read(begin, end);
          },
        };
      },
    };
    try {
      await readAll(await openCheckpoint(source));
    } catch (error) {
      numRefused++;
      expect(error, `case ${seed}`).toBeInstanceOf(ModelLoadError);
      const { message, code } = error as ModelLoadError;
      expect(message, `case ${seed}`).toMatch(/^model\.safetensors in here(?: is damaged)?: [^\n]+$/);
      expect(message.length, `case ${seed}`).toBeLessThan(500);
      expect(["damaged_file", "unsupported_dtype"], `case ${seed}`).toContain(code);
    }
    expect(readBytes, `case ${seed}`).toBeLessThanOrEqual(file.length);
  }
  // Of a bit that flips in a name nothing can be known.
  expect(numRefused).toBeGreaterThan(0.7 * NUM_CASES);
});
