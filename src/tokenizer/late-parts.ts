/** What `other-parts.ts` is about: a file of its own, loaded with the first tokenizer that has such a part. */
export { onigRegExp } from "./onig.js";
/** Unigram, WordPiece, WordLevel. */
export { readOtherModel } from "./other-models.js";
/** Normal forms, accents, BERT's and Nmt's rules. */
export { readOtherNormalizer } from "./other-normalizers.js";
/** Class of punctuation. */
export { PUNCTUATION } from "./unicode-marks.js";
