import { lowercase, normalizer, without } from "./normalizer.js";
import type { Normalizer } from "./other-parts.js";
import { type Fields, flagField } from "./refusal.js";
import { codePoints, WHITESPACE } from "./unicode.js";
import { ACCENT, BERT_ACCENT, BERT_CONTROL, BERT_IDEOGRAPH, LATER_IN_FORMS } from "./unicode-marks.js";

/** The normalizers that the package's own models have none of; null for a type that isn't known. */
export function readOtherNormalizer(type: string, fields: Fields): Normalizer | null {
  switch (type) {
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return normalizer((text) => inForm(text, type));
    case "StripAccents": {
      const accents = new RegExp(ACCENT, "gv");
      return normalizer((text) => without(accents, text), true);
    }
    case "BertNormalizer":
      return bertNormalizer(fields);
    case "Nmt":
      return normalizer((text) => text.replace(NMT_CONTROL, "").replace(NMT_SPACE, " "), true);
    default:
      return null;
  }
}

const NMT_CONTROL = new RegExp(`[${codePoints("1-8 b e-1f 7f 8f 9f")}]`, "gv");
const NMT_SPACE = new RegExp(`[${codePoints("9 a c d 1680 200b-200f 2028 2029 2581 feff fffd")}]`, "gv");
const LATER = new RegExp(`(${LATER_IN_FORMS}+)`, "v");

function inForm(text: string, form: "NFC" | "NFD" | "NFKC" | "NFKD"): string {
  // The odd parts are what Unicode 9 didn't know.
  const parts = text.split(LATER);
  return parts.map((part, i) => (i % 2 === 0 ? part.normalize(form) : part)).join("");
}

function bertNormalizer(fields: Fields): Normalizer {
  const type = "BertNormalizer";
  const cleansText = flagField(type, fields, "clean_text");
  const lowers = flagField(type, fields, "lowercase");
  const stripsAccents = flagField(type, fields, "strip_accents", lowers);
  const spacesIdeographs = flagField(type, fields, "handle_chinese_chars");
  const [control, space, ideograph, accent] = [BERT_CONTROL, WHITESPACE, BERT_IDEOGRAPH, BERT_ACCENT].map(
    (source) => new RegExp(`${source}`, "gv"),
  );
  return normalizer((given) => {
    let text = given;
    if (cleansText) text = text.replace(/\0/g, "").replace(control, "").replace(space, " ");
    if (spacesIdeographs) text = text.replace(ideograph, " $& ");
    if (stripsAccents) text = inForm(text, "NFD").replace(accent, "");
    return lowers ? lowercase(text) : text;
  }, true);
}
