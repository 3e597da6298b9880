/** How a byte-level BPE splits a text before it merges. */
export interface PreTokenizer {
  /** Patterns in turn: each splits what those before left. */
  patterns: readonly string[];
  /** A piece that is a token as it stands is that token. */
  ignoresMerges?: true;
  /** A text begins with the token for that unless the file says otherwise. */
  addsBos?: true;
  /** Texts are composed (NFC) first. */
  isComposed?: true;
}

const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const WORDS = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const REST = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const LLAMA3 = String.raw`${ENDINGS}|${WORDS}|\p{N}{1,3}|${REST}`;
const QWEN2 = String.raw`${ENDINGS}|${WORDS}|\p{N}|${REST}`;
const UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const START = String.raw`[^\r\n\p{L}\p{N}]?`;
const SLASHED = String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const PUNCTUATION = String.raw`[\p{P}\$\+<=>\^~\|]+`;
const MARKED = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+";
const SIGNS = String.raw`[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
// Escaped, since editors compose some of these.
const DEEPSEEK_LETTERS =
  "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\u{10400}-\u{1044f}\u{104b0}-\u{104d3}\u{104d8}-\u{104fb}\u{10c80}-\u{10cb2}\u{10cc0}-\u{10cf2}\u{118a0}-\u{118df}\u{1e900}-\u{1e943}";

const KINDS: readonly (PreTokenizer & { names: readonly string[] })[] = [
  { names: ["default"], patterns: [PUNCTUATION, GPT2, String.raw`\p{N}+`, "[0-9][0-9][0-9]"] },
  {
    names: ["gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "gigachat", "mellum", "exaone4", "granite-docling"],
    patterns: [GPT2],
  },
  {
    names: ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"],
    ...{ patterns: [LLAMA3], ignoresMerges: true, addsBos: true },
  },
  { names: ["dbrx", "smaug-bpe"], patterns: [LLAMA3] },
  { names: ["chatglm-bpe"], patterns: [LLAMA3] },
  { names: ["glm4"], patterns: [LLAMA3], ignoresMerges: true },
  { names: ["qwen2"], patterns: [QWEN2], isComposed: true },
  { names: ["deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan", "solar-open"], patterns: [QWEN2] },
  {
    names: ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"],
    patterns: [String.raw`\p{N}`, GPT2],
  },
  { names: ["falcon"], patterns: ["[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2, "[0-9][0-9][0-9]"] },
  {
    names: ["deepseek-llm"],
    patterns: [
      ...[
        "[\r\n]",
        String.raw`\s?[${DEEPSEEK_LETTERS}]+`,
        String.raw`\s?[!-/:-~！-／：-～‘-‟　-。]+`,
        String.raw`\s+$`,
      ],
      ...["[一-龥ࠀ-一가-퟿]+", String.raw`\p{N}+`],
    ],
  },
  {
    names: ["deepseek-coder"],
    patterns: ["[\r\n]", String.raw`\s?\p{L}+`, String.raw`\s?\p{P}+`, "[一-龥ࠀ-一가-퟿]+", String.raw`\p{N}`],
  },
  {
    names: ["deepseek-v3", "hunyuan-dense"],
    patterns: [String.raw`\p{N}{1,3}`, "[一-龥぀-ゟ゠-ヿ]+", `${MARKED}|${SIGNS}`],
  },
  {
    names: ["tekken"],
    patterns: [String.raw`${START}${UPPER}*${LOWER}+|${START}${UPPER}+${LOWER}*|\p{N}|${SLASHED}`],
    ...{ ignoresMerges: true, addsBos: true },
  },
  {
    names: ["gpt-4o", "llama4", "kanana2"],
    patterns: [
      String.raw`${START}${UPPER}*${LOWER}+${ENDINGS}?|${START}${UPPER}+${LOWER}*${ENDINGS}?|\p{N}{1,3}|${SLASHED}`,
    ],
  },
];

/** Names of pre-tokenizers that are known, as `tokenizer.ggml.pre` has them. */
export const PRE_TOKENIZERS: readonly string[] = KINDS.flatMap(({ names }) => names);

/** The pre-tokenizer of a name; null for one that isn't known. Patterns as in llama.cpp's `llama-vocab.cpp`, where they are those of the models' own files. */
export function preTokenizerOf(name: string): PreTokenizer | null {
  return KINDS.find(({ names }) => names.includes(name)) ?? null;
}
