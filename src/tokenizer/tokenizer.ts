import { Tokenizer as JsonTokenizer } from "@huggingface/tokenizers";
import { ModelLoadError } from "../errors.js";
import type { TokenId } from "../events.js";
import { PieceStream } from "./stream.js";
import { readDecoder } from "./token-bytes.js";

/** Text to ids and back, as Hugging Face `tokenizers` does it. */
export interface Tokenizer {
  /** One more than the largest id. A model's vocabulary may be larger (padded), never smaller. */
  readonly vocabSize: number;
  readonly bosToken: TokenId | null;
  readonly maskToken: TokenId | null;
  /** Ids of a text; the post-processor's special tokens only on request. A lone surrogate counts as U+FFFD. */
  encode(text: string, options?: { addSpecial?: boolean }): TokenId[];
  /** Ids of a prompt: with the post-processor's special tokens, and the BOS token in front if the model has one. */
  promptIds(text: string): TokenId[];
  /** Text of ids, read as a text of its own: a leading space that the tokenizer put there goes. Unknown ids are nothing. */
  decode(ids: readonly TokenId[], options?: { skipSpecial?: boolean }): string;
  /**
   * The UTF-8 bytes a token adds to a text; perhaps a part of a character. Empty for an unknown id.
   * `isFirst`: nothing visible stands in front of it, so the space that metaspace tokenizers put there goes. Default: false.
   */
  bytes(id: TokenId, isFirst?: boolean): Uint8Array<ArrayBuffer>;
  isSpecial(id: TokenId): boolean;
}

/** What the model's own configuration knows of its vocabulary. */
export interface TokenizerOptions {
  /** Size of the model's vocabulary: a tokenizer with larger ids is refused. */
  modelVocabSize?: number;
  /** BOS token of the model's config, for a tokenizer_config.json that doesn't speak of it. */
  modelBosToken?: TokenId | null;
}

/**
 * A tokenizer from the parsed `tokenizer.json` and `tokenizer_config.json` (`{}` if there is none).
 * Encoding is the work of `@huggingface/tokenizers`; decoding is ours, by bytes, so that a stream equals the whole text.
 */
export function loadTokenizer(
  tokenizerJson: unknown,
  tokenizerConfigJson: unknown,
  options: TokenizerOptions = {},
): Tokenizer {
  if (!isRecord(tokenizerJson) || !isRecord(tokenizerJson.model)) {
    throw new ModelLoadError("tokenizer.json isn't a tokenizer: it has no model.", "unsupported_tokenizer");
  }
  const { type } = tokenizerJson.model;
  // Old files leave the type out; the package then infers it.
  if (typeof type === "string" && !MODEL_TYPES.includes(type)) {
    throw new ModelLoadError(
      `tokenizer.json: model ${type} isn't supported; supported are ${MODEL_TYPES.join(", ")}.`,
      "unsupported_tokenizer",
    );
  }
  const config = isRecord(tokenizerConfigJson) ? tokenizerConfigJson : {};
  const { tokens, specials } = readVocabulary(tokenizerJson);
  let vocabSize = 0;
  for (const id of tokens.keys()) vocabSize = Math.max(vocabSize, id + 1);
  if (options.modelVocabSize !== undefined && vocabSize > options.modelVocabSize) {
    throw new ModelLoadError(
      `The tokenizer doesn't fit the model: its vocabulary has ${vocabSize} ids, the model's config.json says vocab_size ${options.modelVocabSize}; take both from one model folder.`,
      "vocabulary_mismatch",
    );
  }
  const tokenBytes = readDecoder(tokenizerJson.decoder);
  const spacesAstralIdeographs = hasChineseSpacing(tokenizerJson.normalizer);
  let inner: JsonTokenizer;
  try {
    // The package insists on parts that a file may leave out.
    const optional = { normalizer: null, pre_tokenizer: null, post_processor: null, added_tokens: [] };
    inner = new JsonTokenizer({ ...optional, ...tokenizerJson }, config);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelLoadError(`tokenizer.json can't be used: ${reason}`, "unsupported_tokenizer");
  }

  const encode = (text: string, addSpecial: boolean): TokenId[] => {
    const wellFormed = text.replace(/\p{Surrogate}/gu, "\uFFFD");
    const spaced = spacesAstralIdeographs ? wellFormed.replace(ASTRAL_IDEOGRAPH, " $& ") : wellFormed;
    return inner.encode(spaced, { add_special_tokens: addSpecial }).ids;
  };
  const idOf = (token: unknown): TokenId | null => {
    const content = isRecord(token) ? token.content : token;
    return typeof content === "string" ? (inner.token_to_id(content) ?? null) : null;
  };
  const isBosKnown = "bos_token" in config || options.modelBosToken === undefined;
  const bosToken = isBosKnown ? idOf(config.bos_token) : (options.modelBosToken ?? null);
  const needsBos = bosToken !== null && config.add_bos_token !== false && encode("", true)[0] !== bosToken;
  const cache: (Uint8Array<ArrayBuffer> | undefined)[] = [];
  const nothing = new Uint8Array(0);

  return {
    vocabSize,
    bosToken,
    maskToken: idOf(config.mask_token),
    encode: (text, { addSpecial = false } = {}) => encode(text, addSpecial),
    promptIds(text) {
      const ids = encode(text, true);
      return needsBos ? [bosToken, ...ids] : ids;
    },
    decode(ids, { skipSpecial = true } = {}) {
      const stream = new PieceStream(this, { skipSpecial });
      return ids.map((id) => stream.push(id)).join("") + stream.flush();
    },
    bytes(id, isFirst = false) {
      const token = tokens.get(id);
      if (token === undefined) return nothing;
      if (isFirst) return tokenBytes(token, true);
      cache[id] ??= tokenBytes(token, false);
      return cache[id];
    },
    isSpecial: (id) => specials.has(id),
  };
}

const MODEL_TYPES = ["BPE", "Unigram", "WordPiece"];

function readVocabulary(json: Record<string, unknown>): { tokens: Map<TokenId, string>; specials: Set<TokenId> } {
  const tokens = new Map<TokenId, string>();
  const specials = new Set<TokenId>();
  const vocab = isRecord(json.model) ? json.model.vocab : undefined;
  if (Array.isArray(vocab)) {
    vocab.forEach((entry: unknown, id) => {
      if (Array.isArray(entry) && typeof entry[0] === "string") tokens.set(id, entry[0]);
    });
  } else if (isRecord(vocab)) {
    for (const [token, id] of Object.entries(vocab)) {
      if (typeof id === "number") tokens.set(id, token);
    }
  }
  for (const added of Array.isArray(json.added_tokens) ? json.added_tokens : []) {
    if (!isRecord(added) || typeof added.id !== "number" || typeof added.content !== "string") continue;
    tokens.set(added.id, added.content);
    if (added.special === true) specials.add(added.id);
  }
  if (tokens.size === 0) throw new ModelLoadError("tokenizer.json has an empty vocabulary.", "unsupported_tokenizer");
  return { tokens, specials };
}

/**
 * Ideographs beyond the basic plane, as BertNormalizer lists them. `@huggingface/tokenizers` 0.2.0 looks for them in
 * UTF-16 units and so never finds one; spaces put around them beforehand come to the same.
 */
const ASTRAL_IDEOGRAPH = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

function hasChineseSpacing(normalizer: unknown): boolean {
  if (!isRecord(normalizer)) return false;
  if (Array.isArray(normalizer.normalizers)) return normalizer.normalizers.some(hasChineseSpacing);
  return normalizer.type === "BertNormalizer" && normalizer.handle_chinese_chars !== false;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
