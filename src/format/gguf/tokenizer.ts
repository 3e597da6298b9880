import type { Metadata } from "./metadata.js";
import { PRE_TOKENIZERS, preTokenizerOf } from "./pre-tokenizers.js";
import { mergesOf } from "./sentencepiece.js";
import { KIND, type Vocabulary } from "./vocabulary.js";

/** Fields of a JSON file. */
type Fields = Record<string, unknown>;

const MODELS = ["gpt2", "llama"] as const;

/** The tokenizer.json of a file's vocabulary; null where it has none. `metadata`: without a prefix. Throws `ModelLoadError` for one that isn't known. */
export function tokenizerOf(metadata: Metadata): Fields | null {
  const model = metadata.text("tokenizer.ggml.model") ?? "none";
  if (model === "none" || model === "no_vocab") return null;
  if (model === "gpt2") return byteLevel(metadata, vocabularyOf(metadata));
  if (model === "llama") return sentencePiece(metadata, vocabularyOf(metadata));
  throw metadata.wrong(
    "tokenizer.ggml.model",
    `is ${JSON.stringify(model)}; supported are ${MODELS.join(" (byte-level BPE) and ")} (SentencePiece)`,
    "unsupported_tokenizer",
  );
}

/** The tokenizer_config.json beside it: special tokens by their names, and the chat template. */
export function tokenizerConfigOf(metadata: Metadata): Fields {
  const tokens = metadata.texts("tokenizer.ggml.tokens") ?? [];
  const named = (name: string) => {
    const id = metadata.optionalCount(`tokenizer.ggml.${name}_token_id`);
    return id === null ? undefined : tokens[id];
  };
  const config = {
    bos_token: named("bos"),
    eos_token: named("eos"),
    unk_token: named("unknown"),
    pad_token: named("padding"),
    mask_token: named("mask"),
    ...boundaries(metadata),
    chat_template: chatTemplate(metadata),
  };
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

function chatTemplate(metadata: Metadata): unknown {
  const template = metadata.text("tokenizer.chat_template") ?? undefined;
  const others = metadata.texts("tokenizer.chat_templates") ?? [];
  if (others.length === 0) return template;
  const named = others.map((name) => ({ name, template: metadata.text(`tokenizer.chat_template.${name}`) ?? "" }));
  return template === undefined ? named : [{ name: "default", template }, ...named];
}

/** Whether a text gets a token in front and behind, where the file doesn't say it: by llama.cpp's defaults. */
function boundaries(metadata: Metadata): { add_bos_token: boolean; add_eos_token: boolean } {
  const isSentencePiece = metadata.text("tokenizer.ggml.model") === "llama";
  const usual = isSentencePiece || preTokenizerOf(metadata.text("tokenizer.ggml.pre") ?? "")?.addsBos === true;
  return {
    add_bos_token: metadata.flag("tokenizer.ggml.add_bos_token") ?? usual,
    add_eos_token: metadata.flag("tokenizer.ggml.add_eos_token") ?? false,
  };
}

function vocabularyOf(metadata: Metadata): Vocabulary {
  const tokens = metadata.texts("tokenizer.ggml.tokens");
  if (!tokens) throw metadata.wrong("tokenizer.ggml.tokens", "is missing", "missing_metadata");
  const kinds = metadata.numbers("tokenizer.ggml.token_type") ?? new Uint8Array(tokens.length).fill(KIND.normal);
  if (kinds.length !== tokens.length) {
    throw metadata.wrong("tokenizer.ggml.token_type", `has ${kinds.length} entries for ${tokens.length} tokens`);
  }
  return { tokens, kinds };
}

/** BPE over bytes, as GPT-2 has it. */
function byteLevel(metadata: Metadata, vocabulary: Vocabulary): Fields {
  const named = metadata.text("tokenizer.ggml.pre");
  if (named === null) {
    console.warn(
      `${metadata.label} doesn't say how texts are split (tokenizer.ggml.pre): "default" is taken, as llama.cpp does.`,
    );
  }
  const pre = preTokenizerOf(named ?? "default");
  if (!pre) {
    throw metadata.wrong(
      "tokenizer.ggml.pre",
      `is ${JSON.stringify(named)}; supported are ${PRE_TOKENIZERS.join(", ")}`,
      "unsupported_tokenizer",
    );
  }
  const merges = metadata.texts("tokenizer.ggml.merges");
  if (!merges) throw metadata.wrong("tokenizer.ggml.merges", "is missing", "missing_metadata");
  const splits = pre.patterns.map((pattern) => ({
    ...{ type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
  }));
  const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    added_tokens: addedTokens(metadata, vocabulary),
    normalizer: pre.isComposed ? { type: "NFC" } : null,
    pre_tokenizer: { type: "Sequence", pretokenizers: [...splits, bytes] },
    post_processor: postProcessor(metadata, vocabulary),
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: "BPE", vocab: idsOf(vocabulary), merges, ignore_merges: pre.ignoresMerges ?? false },
  };
}

/** SentencePiece's BPE: merges by score, what is unknown as its bytes. */
function sentencePiece(metadata: Metadata, vocabulary: Vocabulary): Fields {
  const scores = metadata.numbers("tokenizer.ggml.scores");
  if (scores?.length !== vocabulary.tokens.length) {
    throw metadata.wrong(
      "tokenizer.ggml.scores",
      `has ${scores?.length ?? 0} entries for ${vocabulary.tokens.length} tokens`,
    );
  }
  const isPrefixed = metadata.flag("tokenizer.ggml.add_space_prefix") ?? true;
  const unknown =
    vocabulary.tokens[
      metadata.optionalCount("tokenizer.ggml.unknown_token_id") ?? Array.from(vocabulary.kinds).indexOf(KIND.unknown)
    ];
  const marked = { type: "Replace", pattern: { String: " " }, content: "▁" };
  const spaced = { type: "Replace", pattern: { String: "▁" }, content: " " };
  const whole = [spaced, { type: "ByteFallback" }, { type: "Fuse" }];
  return {
    added_tokens: addedTokens(metadata, vocabulary),
    normalizer: isPrefixed ? { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, marked] } : marked,
    pre_tokenizer: null,
    post_processor: postProcessor(metadata, vocabulary),
    decoder: {
      type: "Sequence",
      decoders: isPrefixed ? [...whole, { type: "Strip", content: " ", start: 1, stop: 0 }] : whole,
    },
    model: {
      type: "BPE",
      vocab: idsOf(vocabulary),
      merges: mergesOf(vocabulary, scores),
      unk_token: unknown ?? null,
      fuse_unk: true,
      byte_fallback: Array.from(vocabulary.kinds).includes(KIND.byte),
    },
  };
}

/** Ids by token. What llama.cpp's converter fills a vocabulary up with to the rows of its matrix is no token. */
function idsOf({ tokens, kinds }: Vocabulary): Record<string, number> {
  const isFilling = (id: number) => kinds[id] === KIND.unused && tokens[id] === `[PAD${id}]`;
  return Object.fromEntries(tokens.flatMap((token, id) => (isFilling(id) ? [] : [[token, id]])));
}

/** Tokens that are found in a text as they stand. */
function addedTokens(metadata: Metadata, { tokens, kinds }: Vocabulary): Fields[] {
  const ends = ["bos", "eos", "unknown", "padding"].map((name) =>
    metadata.optionalCount(`tokenizer.ggml.${name}_token_id`),
  );
  const special = new Set<number | null>(metadata.has("tokenizer.ggml.token_type") ? [] : ends);
  const stripsRight = isPhi3(metadata);
  return tokens.flatMap((content, id) => {
    const isSpecial = kinds[id] === KIND.control || kinds[id] === KIND.unknown || special.has(id);
    if (!isSpecial && kinds[id] !== KIND.userDefined) return [];
    const rstrip = stripsRight && isSpecial && !["<unk>", "<s>", "<|endoftext|>"].includes(content);
    return [{ id, content, single_word: false, lstrip: false, rstrip, normalized: false, special: isSpecial }];
  });
}

/** Phi-3's markers take the spaces behind them along; the file doesn't say so, and llama.cpp knows it. */
function isPhi3(metadata: Metadata): boolean {
  return metadata.text("general.architecture") === "phi3" && metadata.text("tokenizer.ggml.model") === "llama";
}

function postProcessor(metadata: Metadata, { tokens }: Vocabulary): Fields | null {
  const { add_bos_token: addsBos, add_eos_token: addsEos } = boundaries(metadata);
  const [before, after] = [addsBos && "bos", addsEos && "eos"].map((name) => {
    if (name === false) return [];
    const key = `tokenizer.ggml.${name}_token_id`;
    const id = metadata.count(key);
    if (id >= tokens.length) throw metadata.wrong(key, `is ${id}, and there are ${tokens.length} tokens`);
    return [{ id, token: tokens[id] }];
  });
  const all = [...before, ...after];
  if (all.length === 0) return null;
  const special = ({ token }: { token: string }) => ({ SpecialToken: { id: token, type_id: 0 } });
  return {
    type: "TemplateProcessing",
    single: [...before.map(special), { Sequence: { id: "A", type_id: 0 } }, ...after.map(special)],
    pair: [],
    special_tokens: Object.fromEntries(all.map(({ id, token }) => [token, { id: token, ids: [id], tokens: [token] }])),
  };
}
