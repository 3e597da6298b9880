import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig } from "../../architecture/config.js";
import { convertedGguf } from "../../testing/converted-gguf.js";
import { IS_WHOLE } from "../../testing/test-depth.js";
import { loadTokenizer } from "../../tokenizer/tokenizer.js";
import { ModelLoadError } from "../../vocabulary/errors.js";
import { readAll } from "../checkpoint.js";
import { ggufSource } from "../gguf-source.js";
import { memorySource, type SourceFile } from "../source.js";
import { parseHeader, type Value } from "./header.js";

const NAME = "mutated.gguf";
const NUM_CASES = IS_WHOLE ? 10_000 : 300;

/** A generator of its own, so that case n is the same in a sample and in the whole (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Damages some bytes of the first `headerBytes`: bits, bytes, whole numbers that become huge, a piece cut out or put in, the end cut off. */
function mutated(file: Uint8Array<ArrayBuffer>, headerBytes: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = randomOf(seed);
  const at = () => random(headerBytes);
  let bytes = file.slice();
  for (let i = 0; i <= random(3); i++) {
    const [place, kind] = [at(), random(7)];
    if (kind === 0) bytes[place] ^= 1 << random(8);
    else if (kind === 1) bytes[place] = random(256);
    else if (kind === 2) for (let k = 0; k < 8; k++) bytes[place + k] = 255;
    else if (kind === 3) {
      const word = new Uint8Array(Uint32Array.of(2 ** random(32)).buffer);
      for (const [k, byte] of word.entries()) bytes[place + k] = byte;
    } else if (kind === 4) bytes = bytes.slice(0, place + 1);
    else if (kind === 5) bytes = joined(bytes.subarray(0, place), bytes.subarray(place + 1 + random(16)));
    else {
      const from = at();
      bytes = joined(bytes.subarray(0, place), bytes.subarray(from, from + 8), bytes.subarray(place));
    }
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

function numEntries(value: Value): number {
  if (typeof value === "string") return value.length;
  if (ArrayBuffer.isView(value)) return value.length;
  return Array.isArray(value) ? value.reduce((sum: number, one: Value) => sum + 1 + numEntries(one), 0) : 0;
}

test(
  `${NUM_CASES} damaged headers: each loads or is a ModelLoadError that names the file and the place, and nothing is made that the file is too short for`,
  async () => {
    const llama = await convertedGguf("llama");
    const start = 2048;
    const files = [
      llama.slice(0, llama.length),
      ...["bpe-llama3", "sentencepiece"].map(
        (name) => new Uint8Array(readFileSync(`tests/fixtures/gguf/${name}.gguf`)),
      ),
    ];
    const codes = new Map<string, number>();
    for (let seed = 0; seed < NUM_CASES; seed++) {
      const file = files[seed % files.length];
      const bytes = mutated(file, seed % files.length === 0 ? start : file.length, seed);
      const folder = memorySource(new Map([[NAME, bytes]]));
      const watched = { ...folder, file: async (name: string) => within(await folder.file(name), bytes.length) };
      const source = ggufSource(watched, NAME);
      const attempt = async (load: () => Promise<unknown>) => {
        try {
          await load();
          return "loads";
        } catch (error) {
          if (!(error instanceof ModelLoadError)) throw new Error(`case ${seed}`, { cause: error });
          return `${error.code}: ${error.message}`;
        }
      };
      const outcomes = [
        await attempt(async () =>
          parseConfig(await source.json("config.json"), await source.json("generation_config.json")),
        ),
        await attempt(async () =>
          loadTokenizer(await source.json("tokenizer.json"), await source.json("tokenizer_config.json")),
        ),
        await attempt(async () => readAll((await source.checkpoint?.({})) as never)),
        await attempt(async () => {
          const { metadata } = parseHeader(bytes, bytes.length, NAME);
          for (const value of metadata.values()) expect(numEntries(value)).toBeLessThanOrEqual(bytes.length);
        }),
      ];
      for (const outcome of outcomes) {
        const code = outcome.split(":")[0];
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (outcome.startsWith("damaged_file"))
          expect(outcome).toMatch(
            /mutated\.gguf.* is damaged at (?:its start|general\.alignment|metadata key .+|tensor .+): ./s,
          );
        else if (outcome !== "loads")
          expect(outcome, `case ${seed}`).toMatch(/mutated\.gguf|config\.json|tokenizer\.json/);
      }
    }
    // Both ways come out, and the reader sees most of it itself.
    expect(codes.get("loads")).toBeGreaterThan(NUM_CASES / 8);
    expect(codes.get("damaged_file")).toBeGreaterThan(NUM_CASES / 8);
  },
  IS_WHOLE ? 600_000 : undefined,
);

/** A file of which nothing is read beyond its end. */
function within(file: SourceFile, byteLength: number): SourceFile {
  return {
    ...file,
    read(begin, end, signal) {
      expect(begin).toBeLessThanOrEqual(end);
      expect(end).toBeLessThanOrEqual(byteLength);
      return file.read(begin, end, signal);
    },
  };
}
