import { readFileSync } from "node:fs";
import type { TokenId } from "../vocabulary/events.js";
import type { Fields } from "../tokenizer/refusal.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";

/** One crafted tokenizer.json, and hashes of what Rust's `tokenizers` makes of its texts. */
export interface GoldenFile {
  name: string;
  base: string;
  fields: Fields;
  encoded?: string;
  decoded?: string;
  /** Why Rust's `tokenizers` can't read it. */
  invalid?: string;
}

/** A class of characters or a normalizer, and the hash of what it leaves of all code points. */
export interface GoldenSweep {
  pre_tokenizer?: Fields;
  normalizer?: Fields;
  /** Stands in front of each code point. */
  before?: string;
  left: string;
}

interface Goldens {
  sweeps: GoldenSweep[];
  numTexts: number;
  numIdLists: number;
  fragments: string[];
  planes: [number, number][];
  bases: Record<string, Fields>;
  files: GoldenFile[];
}

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => JSON.parse(readFileSync(new URL(path, ROOT), "utf8"));

/** What `tests/fixtures/tokenizers/make_goldens.py` wrote. */
export const goldens: Goldens = read("tests/fixtures/tokenizers/goldens.json");

/** The tokenizer.json of a golden file: its base with its fields. */
export function tokenizerJsonOf({ base, fields }: GoldenFile): Fields {
  const isModel = ["story-ar", "stories260k", "sudoku-ar"].includes(base);
  const folder = isModel ? "public/models" : "tests/fixtures/tokenizers";
  const whole: Fields = goldens.bases[base] ?? read(`${folder}/${base}/tokenizer.json`);
  const { model, model_whole: other = whole.model, ...parts } = fields;
  return { ...whole, ...parts, model: { ...(other as object), ...(model as object | null) } };
}

/** The generator of make_goldens.py. */
function mulberry32(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

/** The texts of the golden file of this index, and the draws that follow them. */
export function textsOf(index: number): { texts: string[]; draw: (limit: number) => number } {
  const draw = mulberry32(index * 7919 + 1);
  const { numTexts, fragments, planes } = goldens;
  const text = () => {
    let result = "";
    for (let left = 1 + draw(9); left > 0; left--) {
      if (draw(8) === 0) {
        const [first, last] = planes[draw(planes.length)];
        result += String.fromCodePoint(first + draw(last - first + 1));
      } else result += fragments[draw(fragments.length)];
    }
    return result;
  };
  return { texts: Array.from({ length: numTexts }, text), draw };
}

/** Lists of ids to decode, one of them sometimes beyond the vocabulary. */
export function idListsOf(draw: (limit: number) => number, size: number): TokenId[][] {
  return Array.from({ length: goldens.numIdLists }, () => Array.from({ length: 1 + draw(12) }, () => draw(size + 1)));
}

const UTF8 = new TextEncoder();

function fnv(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of UTF8.encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

/** The hash of what a text is encoded to, with special tokens and without. */
export const hashOfIds = (ids: readonly TokenId[], bare: readonly TokenId[]): number =>
  fnv(`[${ids.join()}]|[${bare.join()}]`);

/** The hash of what ids are decoded to, without special tokens and with. */
export const hashOfText = (tokenizer: Pick<Tokenizer, "decode">, ids: readonly TokenId[]): number =>
  fnv([true, false].map((skipSpecial) => tokenizer.decode(ids, { skipSpecial })).join("\x01"));

/** Hashes as the goldens hold them. */
export function hashesOf(text: string): Uint32Array {
  return new Uint32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
}
