import { otherParts } from "./other-parts.js";
import { type Fields, isFields, unsupported } from "./refusal.js";
import { literal } from "./unicode.js";

/** The one pattern that the package's own models have, of JavaScript. */
const DOT = "[^\\n]";

/** A pattern of tokenizer.json, `{ "String": … }` or `{ "Regex": … }`, as a RegExp with flag `g`. */
export function readPattern(kind: string, pattern: unknown): RegExp {
  const fields: Fields = isFields(pattern) ? pattern : {};
  if (typeof fields.String === "string") return new RegExp([...fields.String].map(literal).join(""), "gv");
  if (fields.Regex === ".") return new RegExp(DOT, "gv");
  if (typeof fields.Regex === "string") return otherParts().onigRegExp(fields.Regex);
  throw unsupported(`${kind} with the pattern ${JSON.stringify(pattern)}`, "a String or a Regex");
}
