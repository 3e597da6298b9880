import { numberOf } from "../vocabulary/number-text.js";

/**
 * `"5:-2, 9:1.5"` as a map from token id to bias; nothing written is `undefined`. What is no number stays text, as all does where an id
 * comes twice: the decoder's check then names it.
 */
export function readMap(text: string): Record<string, number | string> | string | undefined {
  const pairs = text.split(",").filter((part) => part.trim() !== "");
  if (pairs.length === 0) return undefined;
  const entries = pairs.map((pair): [string, number | string] => {
    const [id, ...rest] = pair.split(":");
    const bias = rest.join(":");
    return [id.trim(), numberOf(bias) ?? bias];
  });
  const map = Object.fromEntries(entries);
  return Object.keys(map).length === entries.length ? map : text;
}

/** A map as it is written in a field; a value that is none as it is. */
export function writeMap(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value ?? "");
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return entries.map(([id, bias]) => `${id}:${bias}`).join(", ");
}

/** Shows a map in a field, unless the field says so already: what a person is typing isn't rewritten. For lit's `ref`. */
export function showMap(value: unknown): (field?: Element) => void {
  return (field) => {
    if (!(field instanceof HTMLInputElement) || writeMap(readMap(field.value)) === writeMap(value)) return;
    field.value = writeMap(value);
  };
}
