import { describe, expect, it } from "vitest";
import { ModelLoadError } from "../vocabulary/errors.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import {
  type GoldenFile,
  goldens,
  hashesOf,
  hashOfIds,
  hashOfText,
  idListsOf,
  textsOf,
  tokenizerJsonOf,
} from "../testing/tokenizer-goldens.js";
import { PieceStream } from "./stream.js";
import { loadTokenizer, type Tokenizer } from "./tokenizer.js";

/** Texts of each file that are compared; all of them make 46,000. */
const NUM_TEXTS = IS_WHOLE ? goldens.numTexts : 54;

/** What is refused, by the names of the files that hold it: what JavaScript can't find, and what nobody has needed. */
const REFUSED = [
  /^pre: Split Regex (\\p\{N\}\{1,3\}\?\\p\{L\}|\(\?i:ss\)|\(\?i:straße\)|\(\?i\)tom|\(\?i:\\p\{L\}\)|\(\?m:\.\+\)|\(\?x: a \))$/,
  /^pre: Split Regex (\[\[:punct:\]\]\+|\[a-z&&\[\^aeiou\]\]\+|\\p\{Emoji\}\+|\\X|\\R|\(\?<x>a\)\\k<x>|\(a\)\\1|\(\?#x\)a|\\Ga|a\\Kb)$/,
  /^pre: Split Regex (a\*\*|a\{2\}\?|a\{2\}\+)$/,
  /^pre: (UnicodeScripts|Sequence (Metaspace|ByteLevel), Metaspace first)$/,
  /^norm: Strip, Metaspace first$/,
  /^added: every flag, (?!none)\w+, Metaspace first$/,
  /^added: another id than its place$/,
  /^post: Template with A twice$/,
  /^model: BPE (byte_fallback of a part|suffix without unk|prefix|dropout)$/,
  /^model: Unigram byte_fallback of none/,
  /^decoder: (ByteFallback, Strip|Strip of each|Strip at the end|Replace behind Fuse|ByteFallback, Metaspace|BPEDecoder|CTC), /,
];
const mayRefuse = ({ name }: GoldenFile) => REFUSED.some((pattern) => pattern.test(name));
const valid = goldens.files.map((file, index) => ({ file, index })).filter(({ file }) => file.invalid === undefined);

function load(file: GoldenFile): Tokenizer | null {
  try {
    return loadTokenizer(tokenizerJsonOf(file), {});
  } catch (error) {
    if (error instanceof ModelLoadError) return null;
    throw error;
  }
}

/** The vocabulary's size as Rust's `tokenizers` counts it: each text once. */
function sizeOf(file: GoldenFile): number {
  const { model, added_tokens } = tokenizerJsonOf(file) as {
    model: { vocab: object };
    added_tokens?: { content: string }[];
  };
  const tokens = Array.isArray(model.vocab) ? model.vocab.map(([token]) => token) : Object.keys(model.vocab);
  return new Set([...tokens, ...(added_tokens ?? []).map(({ content }) => content)]).size;
}

describe("random texts, by files that each hold one feature", () => {
  it("are at least 20,000, of which no file is refused that isn't listed", () => {
    const refused = valid.filter(({ file }) => load(file) === null).map(({ file }) => file.name);
    expect(refused.filter((name) => !REFUSED.some((pattern) => pattern.test(name)))).toEqual([]);
    expect((valid.length - refused.length) * NUM_TEXTS).toBeGreaterThanOrEqual(20_000);
  });

  it.each(valid.filter(({ file }) => !mayRefuse(file)))(
    "have the ids and the text that Rust's tokenizers gives: $file.name",
    ({ file, index }) => {
      const tokenizer = loadTokenizer(tokenizerJsonOf(file), {});
      const { texts, draw } = textsOf(index);
      const encoded = hashesOf(file.encoded ?? "");
      const decoded = hashesOf(file.decoded ?? "");
      const lists = idListsOf(draw, sizeOf(file));
      const wrong: string[] = [];
      for (const [i, text] of texts.slice(0, NUM_TEXTS).entries()) {
        const ids = tokenizer.encode(text, { addSpecial: true });
        if (hashOfIds(ids, tokenizer.encode(text)) !== encoded[i]) wrong.push(`${i} ${JSON.stringify(text)} as ${ids}`);
        else if (hashOfText(tokenizer, ids) !== decoded[i]) wrong.push(`${i} ${ids} as ${tokenizer.decode(ids)}`);
      }
      for (const [i, ids] of lists.entries()) {
        if (hashOfText(tokenizer, ids) !== decoded[texts.length + i]) wrong.push(`${ids} as ${tokenizer.decode(ids)}`);
      }
      // `python make_goldens.py NAME INDEX` prints what is right.
      expect(wrong).toEqual([]);
    },
  );

  it.each(valid.filter(({ file }) => mayRefuse(file)))(
    "are refused in one line that names the file's part: $file.name",
    ({ file }) => {
      expect(() => loadTokenizer(tokenizerJsonOf(file), {})).toThrow(/^tokenizer\.json: .+ isn't supported/);
    },
  );
});

describe("a stream of pieces", () => {
  const streamed = (tokenizer: Tokenizer, ids: readonly number[], skipSpecial: boolean) => {
    const pieces = new PieceStream(tokenizer, { skipSpecial });
    return ids.map((id) => pieces.push(id)).join("") + pieces.flush();
  };

  it.each(valid.filter(({ file }) => !/^(pre|norm|model|post)/.test(file.name) && !mayRefuse(file)))(
    "joined is the decoded text, where its bytes are UTF-8: $file.name",
    ({ file, index }) => {
      const tokenizer = loadTokenizer(tokenizerJsonOf(file), {});
      const { texts, draw } = textsOf(index);
      const lists = [...texts.slice(0, 20).map((text) => tokenizer.encode(text)), ...idListsOf(draw, sizeOf(file))];
      for (const ids of lists) {
        for (const skipSpecial of [true, false]) {
          const whole = tokenizer.decode(ids, { skipSpecial });
          const pieces = streamed(tokenizer, ids, skipSpecial);
          if (pieces.includes("\uFFFD")) continue;
          expect(pieces).toBe(whole);
        }
      }
    },
  );
});
