import type { TokenId } from "../vocabulary/events.js";
import type { Normalizer } from "./other-parts.js";
import { flagField, isFields, textField, unsupported } from "./refusal.js";
import { literal, RUST_WORD, WHITESPACE } from "./unicode.js";

/** A token that is found in a text before the model sees it. */
export interface AddedToken {
  id: TokenId;
  /** As the file has it. */
  given: string;
  /** As it is looked for and decoded: normalized, if it is. */
  content: string;
  isSpecial: boolean;
  isNormalized: boolean;
  isSingleWord: boolean;
  stripsLeft: boolean;
  stripsRight: boolean;
}

/** A part of a text: the id of an added token, or a text between. */
export type Section = TokenId | string;

/** The `added_tokens` of a tokenizer.json. Throws where a token's id isn't the one that Rust's `tokenizers` would give it. */
export function readAddedTokens(
  json: unknown,
  vocabulary: ReadonlyMap<string, TokenId>,
  normalizer: Normalizer | null,
): AddedToken[] {
  if (json === null || json === undefined) return [];
  if (!Array.isArray(json)) throw unsupported("added_tokens that is no list");
  const known = new Map<string, TokenId>();
  let nextId = vocabulary.size;
  const tokens = new Map<TokenId, AddedToken>();
  for (const fields of json) {
    if (!isFields(fields)) throw unsupported("an added token that is no object");
    const content = textField("an added token", fields, "content");
    if (content === "") continue;
    const id = known.get(content) ?? vocabulary.get(content) ?? nextId++;
    if (id !== fields.id) {
      throw unsupported(
        `the added token ${JSON.stringify(content)} with id ${JSON.stringify(fields.id)}, which by its place has ${id},`,
      );
    }
    known.set(content, id);
    const flag = (name: string) => flagField(`the added token ${JSON.stringify(content)}`, fields, name);
    const isNormalized = flag("normalized");
    tokens.set(id, {
      id,
      given: content,
      content: isNormalized && normalizer ? normalizer(content) : content,
      isSpecial: flag("special"),
      isNormalized,
      isSingleWord: flag("single_word"),
      stripsLeft: flag("lstrip"),
      stripsRight: flag("rstrip"),
    });
  }
  return [...tokens.values()];
}

const WORD_AT_END = new RegExp(`${RUST_WORD}$`, "v");
const WORD_AT_START = new RegExp(`^${RUST_WORD}`, "v");
const SPACE_AT_END = new RegExp(`${WHITESPACE}*$`, "v");
const SPACE_AT_START = new RegExp(`^${WHITESPACE}*`, "v");

/** Finds these tokens in a text: the leftmost first, of several there the longest. */
export function addedTokenSplitter(tokens: readonly AddedToken[]): (text: string) => Section[] {
  if (tokens.length === 0) return (text) => (text === "" ? [] : [text]);
  const byContent = new Map<string, AddedToken>();
  for (const token of tokens) {
    if (token.content === "")
      throw unsupported(`the added token of id ${token.id}, of which its normalizer leaves nothing,`);
    if (byContent.has(token.content))
      throw unsupported(`two added tokens that are both ${JSON.stringify(token.content)}`);
    byContent.set(token.content, token);
  }
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length).map((content) => [...content]);
  // There may be thousands; few begin at most places.
  const begins = [...new Set(longestFirst.map(([first]) => literal(first)))].join("");
  const any = longestFirst.map((chars) => chars.map(literal).join("")).join("|");
  const pattern = new RegExp(`(?=[${begins}])(?:${any})`, "gv");
  return (text) => {
    const sections: Section[] = [];
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      const token = byContent.get(match[0]) as AddedToken;
      let start = match.index;
      let stop = start + match[0].length;
      if (token.isSingleWord && isWithinWord(text, start, stop)) continue;
      if (token.stripsLeft) start = Math.max(end, SPACE_AT_END.exec(text.slice(0, start))?.index ?? start);
      if (token.stripsRight) stop += SPACE_AT_START.exec(text.slice(stop))?.[0].length ?? 0;
      // The token before has taken all of it along, as spaces behind itself.
      if (start >= stop) continue;
      if (end < start) sections.push(text.slice(end, start));
      sections.push(token.id);
      end = stop;
    }
    if (end < text.length) sections.push(text.slice(end));
    return sections;
  };
}

function isWithinWord(text: string, start: number, stop: number): boolean {
  return WORD_AT_END.test(text.slice(0, start)) || WORD_AT_START.test(text.slice(stop));
}
