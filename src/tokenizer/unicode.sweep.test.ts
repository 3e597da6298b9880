import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { IS_WHOLE } from "../testing/test-depth.js";
import { type GoldenSweep, goldens } from "../testing/tokenizer-goldens.js";
import { readNormalizer } from "./normalizer.js";
import { readPreTokenizer } from "./pre-tokenizer.js";

const EVERY = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
const WHOLE_TEXT = EVERY.join("");

/** What is left of all code points. */
function leftOf({ pre_tokenizer, normalizer, before = "" }: GoldenSweep): string {
  if (normalizer) return readNormalizer(normalizer)?.(EVERY.map((char) => before + char).join("\n")) ?? "";
  return readPreTokenizer(pre_tokenizer)?.({ texts: [WHOLE_TEXT], areFromStart: true }).texts.join("") ?? "";
}

// Those of the models that are common, and one that goes by each old table.
const SAMPLE = /"\\\\(p\{[LN]\}|s|w)"|Punctuation|StripAccents|"NFC"|"strip_accents":true/;
const sweeps = goldens.sweeps
  .map((sweep) => ({ ...sweep, name: JSON.stringify(sweep.normalizer ?? sweep.pre_tokenizer) }))
  .filter(({ name }) => IS_WHOLE || SAMPLE.test(name));
/** An engine with an older Unicode doesn't know what Rust's regexes know; a newer one has to be told what they don't. */
const isNewEnough = Number.parseInt(process.versions.unicode ?? "0", 10) >= 16;

describe.skipIf(!isNewEnough)("all code points (needs an engine with Unicode 16)", () => {
  it.each(sweeps)("are left as Rust's tokenizers leaves them: $name", (sweep) => {
    const hash = createHash("sha1").update(leftOf(sweep), "utf8").digest("hex");
    expect(hash.slice(0, 16)).toBe(sweep.left);
  });
});
