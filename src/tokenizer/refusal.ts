import { ModelLoadError } from "../vocabulary/errors.js";

/** Fields of an object in tokenizer.json. */
export type Fields = Record<string, unknown>;

/** Whether a parsed value is an object with fields, not a list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Characters of what an error names. */
const MAX_NAMED = 240;

/** The error for a part of tokenizer.json that isn't read as Rust's `tokenizers` reads it; `what` names it. */
export function unsupported(what: string, supported?: string): ModelLoadError {
  const advice = supported === undefined ? "" : `; supported: ${supported}`;
  // What a damaged file holds may be of any length.
  const named = what.length > MAX_NAMED ? `${what.slice(0, MAX_NAMED)}…` : what;
  return new ModelLoadError(`tokenizer.json: ${named} isn't supported${advice}.`, "unsupported_tokenizer");
}

/** A part's type and fields; `null` for none. Throws where it has no type. */
export function partOf(kind: string, json: unknown): { type: string; fields: Fields } {
  if (!isFields(json) || typeof json.type !== "string") {
    throw unsupported(`a ${kind} without a type (${JSON.stringify(json)?.slice(0, 80)})`);
  }
  return { type: json.type, fields: json };
}

/** A field that must be a string. */
export function textField(kind: string, fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw unsupported(`${kind} with ${name} ${JSON.stringify(value)}`, "a string");
  return value;
}

/** A field that must be true or false; `fallback` where it is missing. */
export function flagField(kind: string, fields: Fields, name: string, fallback?: boolean): boolean {
  const value = fields[name] ?? fallback;
  if (typeof value !== "boolean") throw unsupported(`${kind} with ${name} ${JSON.stringify(value)}`, "true or false");
  return value;
}
