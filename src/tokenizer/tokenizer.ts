import { ModelLoadError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import type { Chat } from "../vocabulary/chat.js";
import { type AddedToken, addedTokenSplitter, readAddedTokens, type Section } from "./added-tokens.js";
import { noteUnknown } from "./engine-unicode.js";
import { readNormalizer } from "./normalizer.js";
import { needsOtherParts, setOtherParts } from "./other-parts.js";
import { readPostProcessor } from "./post-processor.js";
import { minds, mindsFirst, readPreTokenizer } from "./pre-tokenizer.js";
import type { ReadChat } from "./chat.js";
import { isFields, unsupported } from "./refusal.js";
import { type Decoder, readDecoder } from "./token-bytes.js";
import { readModel } from "./vocabulary-models.js";

/** Text to ids and back, as Hugging Face `tokenizers` does it. */
export interface Tokenizer {
  /** One more than the largest id. */
  readonly vocabSize: number;
  readonly bosToken: TokenId | null;
  readonly eosToken: TokenId | null;
  /** The mask token of tokenizer_config.json, else the one special token that is called a mask. */
  readonly maskToken: TokenId | null;
  /** Ids of a text; the post-processor's special tokens only on request. A lone surrogate counts as U+FFFD. */
  encode(text: string, options?: { addSpecial?: boolean }): TokenId[];
  /** Ids of a prompt: with the special tokens that the tokenizer's files put around a text. */
  promptIds(text: string): TokenId[];
  /** A chat, as the model's template writes it out. Throws as `readChat` of `tokenizer/chat.ts` does. */
  readChat(chat: Chat): Promise<ReadChat>;
  /** Text of ids, read as a text of its own: a leading space that the tokenizer put there goes. Unknown ids are nothing. */
  decode(ids: readonly TokenId[], options?: { skipSpecial?: boolean }): string;
  /**
   * The UTF-8 bytes a token adds to a text; perhaps a part of a character. Empty for an unknown id.
   * `isFirst`: nothing visible stands in front of it, so the space that metaspace tokenizers put there goes. Default: false.
   */
  bytes(id: TokenId, isFirst?: boolean): Uint8Array<ArrayBuffer>;
  isSpecial(id: TokenId): boolean;
  /** A token as the vocabulary writes it; undefined for an unknown id. */
  token(id: TokenId): string | undefined;
}

/** What the model's own configuration knows of its vocabulary. */
export interface TokenizerOptions {
  /**
   * Size of the model's vocabulary. The model never writes tokens beyond it, and a prompt that holds one is refused; a
   * tokenizer with many is another model's and refused itself.
   */
  modelVocabSize?: number;
  /** The text of the folder's chat_template.jinja, read when a chat is; null, or left out: none. */
  readTemplate?(): Promise<string | null>;
}

/** A file may name some tokens that its model has no rows for. */
const MAX_SHARE_BEYOND = 0.01;

/** Sees that every part of a parsed `tokenizer.json` can be read: for some, one file more is loaded. Whoever calls `loadTokenizer` awaits this before. */
export async function loadTokenizerParts(tokenizerJson: unknown): Promise<void> {
  if (needsOtherParts(tokenizerJson)) setOtherParts(await import("./late-parts.js"));
}

/**
 * A tokenizer from the parsed `tokenizer.json` and `tokenizer_config.json` (`{}` if there is none). It writes what Rust's
 * `tokenizers` writes, which the tests prove by a fuzz of each part, or throws a `ModelLoadError` that names the part. As in
 * transformers, a file's truncation and padding don't count.
 */
export function loadTokenizer(
  tokenizerJson: unknown,
  tokenizerConfigJson: unknown,
  { modelVocabSize = Number.POSITIVE_INFINITY, readTemplate = async () => null }: TokenizerOptions = {},
): Tokenizer {
  if (!isFields(tokenizerJson) || !isFields(tokenizerJson.model)) {
    throw new ModelLoadError("tokenizer.json isn't a tokenizer: it has no model.", "unsupported_tokenizer");
  }
  const { normalizer: normalizerJson, pre_tokenizer: preTokenizerJson } = tokenizerJson;
  const model = readModel(tokenizerJson.model);
  const normalizer = readNormalizer(normalizerJson);
  const preTokenizer = readPreTokenizer(preTokenizerJson);
  const postProcessor = readPostProcessor(tokenizerJson.post_processor);
  const decoder = readDecoder(tokenizerJson.decoder);
  const added = readAddedTokens(tokenizerJson.added_tokens, model.vocabulary, normalizer);
  const splitGiven = addedTokenSplitter(added.filter(({ isNormalized }) => !isNormalized));
  const splitNormalized = addedTokenSplitter(added.filter(({ isNormalized }) => isNormalized));
  if (minds(preTokenizerJson) && normalizer) {
    // What of a changed text stood at the start of the given one isn't kept.
    // Nor which pieces stand there that were split of what grew out of its first character.
    if (normalizer.mayShorten || !mindsFirst(preTokenizerJson) || added.some(({ isNormalized }) => isNormalized)) {
      throw unsupported('Metaspace with prepend_scheme "first" behind this normalizer');
    }
  }

  /** The sections of a text; `isFirst` for the one that begins it. */
  function* sections(text: string): Generator<{ section: Section; isFirst: boolean }> {
    for (const [i, given] of splitGiven(text).entries()) {
      if (typeof given === "number") yield { section: given, isFirst: false };
      else {
        for (const [j, section] of splitNormalized(normalizer ? normalizer(given) : given).entries()) {
          yield { section, isFirst: i === 0 && j === 0 };
        }
      }
    }
  }
  const note = noteUnknown();
  const encode = (text: string, addSpecial: boolean): TokenId[] => {
    note(text);
    const ids: TokenId[] = [];
    for (const { section, isFirst } of sections(text.replace(/\p{Surrogate}/gu, "\uFFFD"))) {
      if (typeof section === "number") ids.push(section);
      else {
        const pieces = { texts: [section], areFromStart: isFirst };
        for (const piece of (preTokenizer ? preTokenizer(pieces) : pieces).texts) {
          for (const id of model.encode(piece)) ids.push(id);
        }
      }
    }
    return addSpecial && postProcessor ? postProcessor(ids) : ids;
  };

  const tokens: (string | undefined)[] = [];
  for (const [token, id] of model.vocabulary) tokens[id] = token;
  for (const { id, content } of added) tokens[id] = content;
  const special = new Set(added.filter(({ isSpecial }) => isSpecial).map(({ given }) => given));
  const specials = new Set(added.filter(({ content }) => special.has(content)).map(({ id }) => id));
  const config = isFields(tokenizerConfigJson) ? tokenizerConfigJson : {};
  const idOf = (token: unknown): TokenId | null => {
    const content = isFields(token) ? token.content : token;
    if (typeof content !== "string") return null;
    const known = added.find(({ given }) => given === content)?.id ?? model.vocabulary.get(content);
    return known ?? idBeside(config.added_tokens_decoder, content);
  };
  const bosToken = idOf(config.bos_token);
  // transformers leaves it to the post-processor; of those that say so outright, some don't say it there.
  const needsBos = bosToken !== null && config.add_bos_token === true && encode("", true)[0] !== bosToken;
  const vocabSize = tokens.length;
  if (vocabSize - modelVocabSize > MAX_SHARE_BEYOND * vocabSize) {
    throw new ModelLoadError(
      `The tokenizer doesn't fit the model: its vocabulary has ${vocabSize} ids, the model's config.json says vocab_size ${modelVocabSize}; take both from one model folder.`,
      "vocabulary_mismatch",
    );
  }
  const cache: (Uint8Array<ArrayBuffer> | undefined)[] = [];
  const nothing = new Uint8Array(0);

  return {
    vocabSize,
    bosToken,
    eosToken: idOf(config.eos_token),
    maskToken: idOf(config.mask_token) ?? maskAmong(added),
    encode: (text, { addSpecial = false } = {}) => encode(text, addSpecial),
    promptIds(text) {
      const ids = encode(text, true);
      return needsBos ? [bosToken, ...ids] : ids;
    },
    async readChat(chat) {
      // With the template engine behind it: most runs read no chat.
      const { readChat } = await import("./chat.js");
      return readChat(chat, {
        config,
        readTemplate,
        encode: (text) => encode(text, false),
        isSpecial: (id) => specials.has(id),
      });
    },
    decode(ids, { skipSpecial = true } = {}) {
      const shown = ids.filter((id) => !(skipSpecial && specials.has(id)));
      return decodeTokens(
        shown.map((id) => tokens[id]).filter((token) => token !== undefined),
        decoder,
      );
    },
    bytes(id, isFirst = false) {
      const token = tokens[id];
      if (token === undefined) return nothing;
      if (isFirst) return decoder.bytes(token, true);
      cache[id] ??= decoder.bytes(token, false);
      return cache[id];
    },
    isSpecial: (id) => specials.has(id),
    token: (id) => tokens[id],
  };
}

/** The id that tokenizer_config.json has for a token which was added behind tokenizer.json's; null without one. */
function idBeside(json: unknown, content: string): TokenId | null {
  if (!isFields(json)) return null;
  const found = Object.entries(json).find(([, token]) => isFields(token) && token.content === content);
  const id = Number(found?.[0] ?? Number.NaN);
  return Number.isSafeInteger(id) && id >= 0 ? id : null;
}

/** The one special token that is called a mask, as <|mask|>, [MASK] or <|mdm_mask|>, else the one added token; null for none and for several. */
function maskAmong(added: readonly AddedToken[]): TokenId | null {
  const masks = added.filter(({ given }) => /(?:^|[^a-z])mask(?:$|[^a-z])/i.test(given));
  const special = masks.filter(({ isSpecial }) => isSpecial);
  const [mask, ...others] = special.length > 0 ? special : masks;
  return mask && others.length === 0 ? mask.id : null;
}

/** The text of tokens, as Rust's decoders have it. */
function decodeTokens(tokens: readonly string[], decoder: Decoder): string {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  let isFirst = true;
  for (let i = 0; i < tokens.length; ) {
    const run = runOfBytes(tokens, i, decoder);
    if (run > 0 && !isUtf8(tokens.slice(i, i + run), decoder)) {
      text += utf8.decode() + "\uFFFD".repeat(run);
      i += run;
      isFirst = false;
      continue;
    }
    const bytes = decoder.bytes(tokens[i], isFirst);
    if (decoder.bytes(tokens[i], false).length > 0) isFirst = false;
    text += utf8.decode(bytes, { stream: true });
    i++;
  }
  return text + utf8.decode();
}

/** How many tokens from here on are bytes by name, if no such token stands before. */
function runOfBytes(tokens: readonly string[], start: number, { isByte }: Decoder): number {
  if (!isByte(tokens[start]) || (start > 0 && isByte(tokens[start - 1]))) return 0;
  let end = start;
  while (end < tokens.length && isByte(tokens[end])) end++;
  return end - start;
}

function isUtf8(tokens: readonly string[], decoder: Decoder): boolean {
  const bytes = Uint8Array.from(tokens.flatMap((token) => [...decoder.bytes(token, false)]));
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
