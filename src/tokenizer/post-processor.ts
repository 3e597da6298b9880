import type { TokenId } from "../vocabulary/events.js";
import { type Fields, isFields, partOf, unsupported } from "./refusal.js";

/** Ids with the special tokens of a single text around them. */
export type PostProcessor = (ids: readonly TokenId[]) => TokenId[];

/** The `post_processor` of a tokenizer.json for one text, as Rust's `tokenizers` has it; null where it adds nothing. */
export function readPostProcessor(json: unknown): PostProcessor | null {
  if (json === null || json === undefined) return null;
  const { type, fields } = partOf("post_processor", json);
  switch (type) {
    case "ByteLevel":
      // It changes offsets alone.
      return null;
    case "BertProcessing":
    case "RobertaProcessing": {
      const [cls, sep] = [idOf(type, fields, "cls"), idOf(type, fields, "sep")];
      return (ids) => [cls, ...ids, sep];
    }
    case "TemplateProcessing":
      return template(fields);
    case "Sequence": {
      if (!Array.isArray(fields.processors)) throw unsupported("a post_processor Sequence without processors");
      const parts = fields.processors.map(readPostProcessor).filter((part) => part !== null);
      // The second would take what the first added for a text of its own.
      if (parts.length > 1) throw unsupported("a post_processor Sequence of several that add tokens");
      return parts[0] ?? null;
    }
    default:
      throw unsupported(
        `the post_processor ${type}`,
        "TemplateProcessing, ByteLevel, BertProcessing, RobertaProcessing, Sequence",
      );
  }
}

function idOf(type: string, fields: Fields, name: string): TokenId {
  const pair = fields[name];
  const id: unknown = Array.isArray(pair) ? pair[1] : undefined;
  if (!isId(id)) throw unsupported(`${type} with ${name} ${JSON.stringify(pair)}`, "a token and its id");
  return id;
}

function isId(value: unknown): value is TokenId {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function template({ single, special_tokens }: Fields): PostProcessor {
  const wrong = (what: unknown) => unsupported(`TemplateProcessing with single ${JSON.stringify(what)}`);
  if (!Array.isArray(single)) throw wrong(single);
  const before: TokenId[] = [];
  const after: TokenId[] = [];
  let isBehind = false;
  for (const piece of single) {
    const sequence = isFields(piece) && isFields(piece.Sequence) ? piece.Sequence.id : undefined;
    const special = isFields(piece) && isFields(piece.SpecialToken) ? piece.SpecialToken.id : undefined;
    if (sequence === "A" && !isBehind) isBehind = true;
    else if (typeof special === "string") (isBehind ? after : before).push(...idsOf(special_tokens, special));
    else throw wrong(piece);
  }
  if (!isBehind) throw wrong(single);
  return (ids) => [...before, ...ids, ...after];
}

function idsOf(tokens: unknown, name: string): TokenId[] {
  const token = isFields(tokens) && Object.hasOwn(tokens, name) ? tokens[name] : undefined;
  const ids: unknown = isFields(token) ? token.ids : undefined;
  if (!Array.isArray(ids) || !ids.every(isId)) {
    throw unsupported(`TemplateProcessing whose special_tokens say nothing of ${JSON.stringify(name)}`);
  }
  return ids;
}
