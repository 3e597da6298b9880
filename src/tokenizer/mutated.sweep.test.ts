// Damaged tokenizer.json files: each loads, or is refused in one line that names the part.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { IS_WHOLE } from "../testing/test-depth.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { loadTokenizer } from "./tokenizer.js";

const NUM_MUTANTS = IS_WHOLE ? 10_000 : 1_000;
const FOLDERS = ["bpe-gpt2", "bpe-llama3", "bpe-metaspace", "bpe-qwen2", "unigram", "wordpiece"];
const TEXTS = ["Once upon a time, Tom's 12 dogs ran.\n\n", "<|endoftext|>é 🦊 <s>"];

const files = FOLDERS.map((name) => readFileSync(`tests/fixtures/tokenizers/${name}/tokenizer.json`, "utf8"));

/** A generator of whole numbers below a limit. */
function drawer(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

type Holder = Record<string, unknown> | unknown[];
const isHolder = (value: unknown): value is Holder => typeof value === "object" && value !== null;

/** What may stand in a place: wrong kinds, odd numbers and texts, and parts of other files. */
function oddValue(draw: (limit: number) => number, before: unknown): unknown {
  const odd: (() => unknown)[] = [
    () => null,
    () => true,
    () => -1,
    () => 0.5,
    () => 1e300,
    () => 2 ** 32,
    () => 1_000_000_000,
    () => "",
    () => "\u0000",
    () => "constructor",
    () => "(?<",
    () => "[^\\s",
    () => "x".repeat(10_000),
    () => [],
    () => ({}),
    () => [null],
    () => [[]],
    () => ({ type: "Sequence", normalizers: [], pretokenizers: [], decoders: [], processors: [] }),
    () => ({ type: "Nonsense" }),
    () => ({ Regex: "(" }),
    () => JSON.parse(`${"[".repeat(2000)}${"]".repeat(2000)}`),
    () => (typeof before === "string" ? [...before].reverse().join("") : [before]),
    () => (typeof before === "number" ? before + 1 : { value: before }),
    () => (Array.isArray(before) ? [...before, ...before] : before),
  ];
  return odd[draw(odd.length)]();
}

/** Changes one place of a parsed file, of its parts more often than of its vocabulary. */
function mutate(file: Record<string, unknown>, draw: (limit: number) => number): string {
  const path: string[] = [];
  let holder: Holder = file;
  for (;;) {
    const keys = Object.keys(holder);
    if (keys.length === 0) break;
    const key = keys[draw(keys.length)];
    const inner: unknown = (holder as Record<string, unknown>)[key];
    path.push(key);
    if (isHolder(inner) && Object.keys(inner).length > 0 && draw(4) > 0) {
      holder = inner;
      continue;
    }
    const record = holder as Record<string, unknown>;
    const way = draw(6);
    if (way === 0) {
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete record[key];
    } else if (way === 1 && !Array.isArray(holder)) {
      record[`${key}x`] = inner;
      delete record[key];
    } else record[key] = oddValue(draw, inner);
    break;
  }
  return path.join(".");
}

it(`of ${NUM_MUTANTS.toLocaleString("en")} damaged files each loads and writes texts, or is a ModelLoadError that names its part`, () => {
  const wrong: string[] = [];
  let numRefused = 0;
  for (let seed = 0; seed < NUM_MUTANTS; seed++) {
    const draw = drawer(seed * 2654435761);
    const file = JSON.parse(files[draw(files.length)]);
    const places = Array.from({ length: 1 + draw(3) }, () => mutate(file, draw)).join(" and ");
    try {
      const tokenizer = loadTokenizer(file, {}, { modelVocabSize: 2000 });
      for (const text of TEXTS) {
        const ids = tokenizer.promptIds(text);
        tokenizer.decode(ids, { skipSpecial: false });
        for (const id of ids) tokenizer.bytes(id);
      }
    } catch (error) {
      numRefused++;
      const isSaid =
        error instanceof ModelLoadError && /^(tokenizer\.json|The tokenizer doesn't fit)/.test(error.message);
      if (!isSaid) wrong.push(`${seed} ${places}: ${error}`);
      else if (error.message.length > 600 || error.message.includes("\n"))
        wrong.push(`${seed} ${places}: long ${error.message.slice(0, 200)}`);
    }
  }
  expect(wrong).toEqual([]);
  // Neither all nor none.
  expect(numRefused).toBeGreaterThan(NUM_MUTANTS / 10);
  expect(numRefused).toBeLessThan(NUM_MUTANTS);
});
