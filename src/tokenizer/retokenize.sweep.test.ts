import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { retokenizerOf } from "./retokenize.js";
import { loadTokenizer, type Tokenizer } from "./tokenizer.js";

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
const load = (folder: string): Tokenizer =>
  loadTokenizer(read(`${folder}/tokenizer.json`), read(`${folder}/tokenizer_config.json`));

const tokenizers = new Map(
  [
    ...["bpe-gpt2", "bpe-llama3", "bpe-qwen2", "bpe-metaspace", "wordpiece", "unigram"].map(
      (name) => `tests/fixtures/tokenizers/${name}`,
    ),
    "public/models/story-ar",
    "public/models/stories260k",
  ].map((folder) => [folder.split("/").at(-1) ?? "", load(folder)]),
);
const pairs = [...tokenizers.keys()].flatMap((own) => [...tokenizers.keys()].map((other) => [own, other] as const));
const of = (name: string) => tokenizers.get(name) as Tokenizer;

const TEXT =
  "Once upon a time, there was a little girl named Lily. She didn't know that 1234 red balloons were in the garden!";

describe.each(pairs)("%s and back from %s", (ownName, otherName) => {
  const [own, other] = [of(ownName), of(otherName)];
  const { toOther, toOwn } = retokenizerOf(own, other);

  it("gives the ids that the tokenizer itself has for the rest of the text, from any token on", () => {
    // A tokenizer that changes a text (case, spaces) is asked for what it makes of it.
    const text = own.decode(own.encode(TEXT));
    const ids = own.encode(text);
    const whole = toOther(ids);
    let numWhole = 0;
    for (let i = 1; i < ids.length; i++) {
      const known = ids.slice(0, i);
      const others = toOther(known);
      const more = whole.slice(others.length);
      if (others.some((id, at) => id !== whole[at])) continue;
      if (own.decode(known) !== other.decode(others) || other.decode(whole) !== text) continue;
      const rest = toOwn(known, others, more);
      if (rest.length === 0) continue;
      expect(rest).toEqual(ids.slice(i));
      numWhole++;
    }
    // Where both split the text at the same place, if the other has this text at all.
    const isFaithful = other.decode(whole) === text;
    if (isFaithful) expect(numWhole).toBeGreaterThan(ids.length / 4);
    expect(isFaithful || otherName === "wordpiece" || otherName === "unigram").toBe(true);
  });
});

describe("whether ids of one are ids of the other", () => {
  it("goes by the tokens, not by how many there are (vllm#7252)", () => {
    const json = read("public/models/story-ar/tokenizer.json");
    const added = { ...json.added_tokens[0], id: 4096, content: "<extra>" };
    const more = loadTokenizer({ ...json, added_tokens: [...json.added_tokens, added] }, {});
    const own = of("story-ar");
    expect([own, more].map((other) => retokenizerOf(own, other).difference())).toEqual([null, null]);
    const [a, b] = Object.keys(json.model.vocab).slice(100, 102);
    const vocab = { ...json.model.vocab, [a]: json.model.vocab[b], [b]: json.model.vocab[a] };
    const others = loadTokenizer({ ...json, model: { ...json.model, vocab } }, {});
    expect(others.vocabSize).toBe(own.vocabSize);
    expect(retokenizerOf(own, others).difference()).toMatch(/^of 4096 ids that both have, 2 stand for others: /);
  });
});

describe("what can't be told", () => {
  const { toOther, toOwn } = retokenizerOf(of("story-ar"), of("stories260k"));
  const ids = of("story-ar").encode("Once upon a time");
  const others = toOther(ids);

  it("isn't guessed: a text that ends within a character", () => {
    const gpt = of("bpe-gpt2");
    const smiley = gpt.encode("a 🙂");
    const whole = retokenizerOf(gpt, of("stories260k"));
    expect(whole.toOther(smiley)).not.toEqual([]);
    expect(whole.toOther(smiley.slice(0, -1))).toEqual([]);
  });

  it("isn't guessed: nothing new, or the last token goes on", () => {
    expect(toOwn(ids, others, [])).toEqual([]);
    const own = of("story-ar");
    // "tim" alone has tokens that "time" hasn't: behind it the rest of the word would be another token.
    const [tim] = [own.encode("Once upon a tim")];
    const more = of("stories260k").encode("e");
    const added = toOwn(tim, toOther(tim), more);
    expect(own.decode([...tim, ...added])).toMatch(/^Once upon a tim/);
  });

  it("leaves out half a character at the end of what was written", () => {
    const gpt = of("bpe-gpt2");
    const { toOther: to, toOwn: from } = retokenizerOf(of("story-ar"), gpt);
    const known = of("story-ar").encode("Hello");
    const written = gpt.encode(" big 🙂").slice(0, -1);
    const added = from(known, to(known), written);
    expect(of("story-ar").decode([...known, ...added])).toBe("Hello big ");
  });
});
