import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ModelLoadError } from "../vocabulary/errors.js";
import { PieceStream } from "./stream.js";
import { loadTokenizer, type Tokenizer } from "./tokenizer.js";

interface Golden {
  text: string;
  ids: number[];
  decoded: string;
  decoded_with_special: string;
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
const load = (folder: string): Tokenizer =>
  loadTokenizer(read(`${folder}/tokenizer.json`), read(`${folder}/tokenizer_config.json`));
const stream = (tokenizer: Tokenizer, ids: number[], skipSpecial: boolean) => {
  const pieces = new PieceStream(tokenizer, { skipSpecial });
  return [...ids.map((id) => pieces.push(id)), pieces.flush()];
};

describe.each(["bpe-gpt2", "bpe-llama3", "bpe-qwen2", "bpe-metaspace", "wordpiece", "unigram"])("%s", (name) => {
  const folder = `tests/fixtures/tokenizers/${name}`;
  const goldens: Golden[] = read(`${folder}/expected.json`);
  const tokenizer = load(folder);

  it("has 61 texts to compare", () => expect(goldens).toHaveLength(61));

  it.each(goldens)("reads $text as Hugging Face does, both ways and as a stream", (golden) => {
    expect(tokenizer.encode(golden.text, { addSpecial: true })).toEqual(golden.ids);
    expect(tokenizer.decode(golden.ids)).toBe(golden.decoded);
    expect(tokenizer.decode(golden.ids, { skipSpecial: false })).toBe(golden.decoded_with_special);
    const pieces = stream(tokenizer, golden.ids, false);
    expect(pieces.join("")).toBe(golden.decoded_with_special);
    // A split character would show as U+FFFD or as half a surrogate pair.
    const shown = pieces.join("|").replace(/\|/g, "");
    expect(shown.split("\uFFFD").length).toBe(golden.decoded_with_special.replace(/\|/g, "").split("\uFFFD").length);
    for (const piece of pieces) expect(piece).not.toMatch(/\p{Surrogate}/u);
  });

  it("decodes no ids and unknown ids as an empty text", () => {
    expect(tokenizer.decode([])).toBe("");
    expect(tokenizer.decode([tokenizer.vocabSize, -1])).toBe("");
  });
});

describe("prompts", () => {
  const stories = load("public/models/stories260k");
  const story = load("public/models/story-ar");

  it("starts a stories260k prompt with the token its own template puts there, once", () => {
    for (const { prompt, prompt_ids } of read("public/models/stories260k/expected.json").generations) {
      expect(stories.promptIds(prompt)).toEqual(prompt_ids);
    }
  });

  it("gives stories260k's golden text from its golden ids, whole, when told what stands in front", () => {
    for (const { prompt, prompt_ids, greedy, text } of read("public/models/stories260k/expected.json").generations) {
      const pieces = new PieceStream(stories, { continues: prompt !== "" });
      expect(greedy.map((id: number) => pieces.push(id)).join("") + pieces.flush()).toBe(text);
      expect(stories.decode([...prompt_ids, ...greedy])).toBe(prompt + text);
    }
  });

  it("puts <|endoftext|> in front of a story prompt, whose config asks for it", () => {
    expect(story.promptIds("")).toEqual([0]);
    expect(story.promptIds("One day")).toEqual([0, ...story.encode("One day")]);
    expect(story.encode("One day")[0]).not.toBe(0);
    expect([story.bosToken, story.maskToken, story.vocabSize]).toEqual([0, 1, 4096]);
    expect([0, 1, 2, 3, 4].map((id) => story.isSpecial(id))).toEqual([true, true, true, true, false]);
  });

  it("finds the mask token where a folder has it: by its config, behind tokenizer.json, or as the one token called so", () => {
    const json = read("tests/fixtures/masked/a2d-qwen3/tokenizer.json") as { added_tokens: { id: number }[] };
    const mask = (config: object, added = json.added_tokens) =>
      loadTokenizer({ ...json, added_tokens: added }, config).maskToken;
    const [start, end, own] = json.added_tokens;
    const named = (given: { id: number }, content: string, special = true) => ({ ...given, content, special });
    expect(mask({})).toBe(82);
    expect(mask({ mask_token: "<|im_end|>" })).toBe(81);
    expect(mask({ mask_token: { content: "<|mask|>" } })).toBe(82);
    // As saved by tools that write what was added last into the config alone.
    const beside = { mask_token: "<|mask|>", added_tokens_decoder: { 80: start, 82: { content: "<|mask|>" } } };
    expect(mask(beside, [start, end])).toBe(82);
    expect(mask({ mask_token: "<|mask|>" }, [start, end])).toBeNull();
    for (const text of ["|<MASK>|", "[MASK]", "<|mdm_mask|>", "<mask>"]) {
      expect(mask({}, [start, end, named(own, text)])).toBe(82);
      expect(mask({}, [start, end, named(own, text, false)])).toBe(82);
    }
    // Of several none is guessed, and a special one goes before others.
    expect(mask({}, [start, named(end, "[MASK]"), own])).toBeNull();
    expect(mask({}, [start, named(end, "[MASK]", false), own])).toBe(82);
    expect(mask({}, [start, end, named(own, "<|unmasked|>")])).toBeNull();
  });

  it("adds a BOS token as transformers does: where the post-processor does, or the config says so outright", () => {
    const json = read("public/models/story-ar/tokenizer.json");
    const ids = (config: object, text: string) => loadTokenizer(json, config).promptIds(text);
    const gpt2 = { tokenizer_class: "GPT2Tokenizer", bos_token: "<|endoftext|>" };
    expect(ids(gpt2, "Tom")).toEqual([1350]);
    expect(ids(gpt2, "<|endoftext|>Tom")).toEqual([0, 1350]);
    expect(ids({ ...gpt2, bos_token: { content: "<|endoftext|>" }, add_bos_token: false }, "Tom")).toEqual([1350]);
    for (const config of [{}, { bos_token: null }, { add_bos_token: true }]) expect(ids(config, "Tom")).toEqual([1350]);
    expect(ids({ ...gpt2, add_bos_token: true }, "Tom")).toEqual([0, 1350]);
    // A post-processor that adds it isn't asked twice.
    const llama = read("tests/fixtures/tokenizers/bpe-llama3/tokenizer.json");
    const config = { bos_token: "<|begin_of_text|>", add_bos_token: true };
    const [first, second] = loadTokenizer(llama, config).promptIds("a");
    expect(first).toBe(0);
    expect(second).not.toBe(0);
  });
});

describe("bytes", () => {
  it("joins the bytes of an emoji's tokens to its UTF-8 and shows it at the last one", () => {
    const story = load("public/models/story-ar");
    const ids = story.encode("🙂");
    expect(ids.length).toBeGreaterThan(1);
    expect(ids.flatMap((id) => [...story.bytes(id)])).toEqual([0xf0, 0x9f, 0x99, 0x82]);
    expect(stream(story, ids, true)).toEqual([...Array(ids.length - 1).fill(""), "🙂", ""]);
    expect(stream(story, ids.slice(0, -1), true).at(-1)).toBe("\uFFFD");
  });

  it("drops the metaspace's leading space of a first token only", () => {
    const stories = load("public/models/stories260k");
    const once = stories.encode("Once")[0];
    expect(new TextDecoder().decode(stories.bytes(once))).toMatch(/^ /);
    expect(new TextDecoder().decode(stories.bytes(once, true))).toMatch(/^O/);
  });
});

describe("what others read otherwise", () => {
  it("is read as Rust does: a BOM is no space (tokenizers.js#24)", () => {
    expect(load("public/models/story-ar").encode("\ufeff's dog")).toEqual([243, 191, 195, 43, 119, 664]);
  });

  it.each([
    ["Removed", ["a", "b"]],
    ["Isolated", ["a", "!", "!", "!", "b"]],
    ["MergedWithPrevious", ["a!", "!", "!", "b"]],
    ["MergedWithNext", ["a", "!", "!", "!b"]],
    ["Contiguous", ["a", "!!!", "b"]],
  ])("splits at punctuation, %s (tokenizers#959)", (behavior, pieces) => {
    const vocab = { "<unk>": 0, "": 1 };
    const of = (pre_tokenizer: object) => {
      const known = Object.fromEntries(pieces.map((piece, i) => [piece, i + 2]));
      const model = { type: "WordLevel", vocab: { ...vocab, ...known }, unk_token: "<unk>" };
      const tokenizer = loadTokenizer({ model, pre_tokenizer }, {});
      return tokenizer.encode("a!!!b").map((id) => Object.keys(known).find((piece) => known[piece] === id));
    };
    expect(of({ type: "Punctuation", behavior })).toEqual(pieces);
    expect(of({ type: "Split", pattern: { String: "!" }, behavior, invert: false })).toEqual(pieces);
    if (behavior !== "Removed") return;
    expect(of({ type: "Split", pattern: { Regex: "[ab]+" }, behavior, invert: true })).toEqual(pieces);
  });

  it("shows emoji and ideographs that are split over tokens whole, at the last of them (TGI#333)", () => {
    const story = load("public/models/story-ar");
    const text = "a 👩‍👧 日本語 b";
    const pieces = stream(story, story.encode(text), true);
    expect(pieces.join("")).toBe(text);
    expect(pieces.filter((piece) => piece !== "")).toEqual([
      "a",
      " ",
      "👩",
      "\u200d",
      "👧",
      " ",
      "日",
      "本",
      "語",
      " b",
    ]);
  });

  it("loads with a token that the model has no row for, but not with another model's tokenizer (transformers#24899)", () => {
    const json = read("public/models/story-ar/tokenizer.json");
    const extra = { ...json.added_tokens[0], id: 4096, content: "<extra>" };
    const tokenizer = loadTokenizer(
      { ...json, added_tokens: [...json.added_tokens, extra] },
      {},
      { modelVocabSize: 4096 },
    );
    expect(tokenizer.encode("Tom<extra>")).toEqual([1350, 4096]);
  });
});

describe("a vocabulary of characters", () => {
  const vocab = [
    ["<unk>", 0],
    ["\uFFFD", -1],
    ["a", -1],
  ];
  const tokenizer = loadTokenizer({ model: { type: "Unigram", unk_id: 0, vocab }, decoder: { type: "Metaspace" } }, {});

  it("reads each lone surrogate as U+FFFD", () => {
    expect(tokenizer.encode("a\uD800\uDC00a".slice(0, 2))).toEqual([2, 1]);
    expect(tokenizer.encode("\uDC00a")).toEqual([1, 2]);
  });
});

// What Rust's tokenizers 0.23.3 makes of these.
describe("Unigram", () => {
  it.each<[number[], number[]]>([
    [
      [-1.873, -1.298, -2.822, -1.355],
      [1, 2, 4, 3, 1, 2],
    ],
    [
      [-6.527, -7.444, -8.659, -6.556],
      [1, 2, 4, 3, 1, 2],
    ],
    [
      [-9.361, -5.246, -8.962, -5.177],
      [1, 2, 4, 3, 1, 2],
    ],
    [
      [-1, -1, -2.5, -1.5],
      [1, 2, 3, 4, 1, 2],
    ],
  ])(
    "takes of paths whose scores are equal but for the rounding of sums the one that Rust takes: %j",
    (scores, ids) => {
      const vocab = [["<unk>", -20], ...["a", "b", "x", "xx"].map((token, i) => [token, scores[i]])];
      expect(loadTokenizer({ model: { type: "Unigram", unk_id: 0, vocab } }, {}).encode("abxxxab")).toEqual(ids);
    },
  );
});

describe("added tokens that are spaces", () => {
  const vocab = ["<unk>", "a", "b", "c", "  ", " "].map((token, i) => [token, -1 - i]);
  const load = (lstrip: boolean) => {
    const flags = { single_word: false, rstrip: false, normalized: false, special: false };
    const added_tokens = [
      { ...flags, id: 1, content: "a", lstrip: false, rstrip: true },
      { ...flags, id: 4, content: "  ", lstrip },
    ];
    return loadTokenizer({ added_tokens, model: { type: "Unigram", unk_id: 0, vocab } }, {});
  };

  it("are gone where the token before has taken them along, if they would strip what stands before them", () => {
    expect(load(true).encode("a  b")).toEqual([1, 2]);
    expect(load(true).encode("a  a  b")).toEqual([1, 1, 2]);
    expect(load(false).encode("a  b")).toEqual([1, 4, 2]);
    expect(load(false).encode("a   b")).toEqual([1, 4, 5, 2]);
  });
});

describe("refusals", () => {
  const json = read("public/models/story-ar/tokenizer.json");
  const refusal = (act: () => unknown): ModelLoadError => {
    try {
      act();
    } catch (error) {
      if (error instanceof ModelLoadError) return error;
      throw error;
    }
    throw new Error("nothing was refused");
  };

  it("names both sizes when the tokenizer has more ids than the model, and allows a padded model", () => {
    const error = refusal(() => loadTokenizer(json, {}, { modelVocabSize: 4000 }));
    expect(error.code).toBe("vocabulary_mismatch");
    expect(error.message).toMatch(/4096.*4000/);
    for (const modelVocabSize of [4096, 4160]) expect(loadTokenizer(json, {}, { modelVocabSize }).vocabSize).toBe(4096);
  });

  it.each([
    ["no object", []],
    ["no model", {}],
    ["an empty vocabulary", { model: { type: "BPE", vocab: {}, merges: [] } }],
    ["an unknown decoder", { ...json, decoder: { type: "CTC" } }],
    ["an unknown model", { ...json, model: { ...json.model, type: "Mystery", vocab: { a: 0 } } }],
  ])("refuses a tokenizer.json with %s in one line", (_what, broken) => {
    const error = refusal(() => loadTokenizer(broken, {}));
    expect(error.code).toBe("unsupported_tokenizer");
    expect(error.message).not.toContain("\n");
  });
});
