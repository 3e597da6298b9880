import { numberOf } from "../vocabulary/number-text.js";

/**
 * Shows `value` in a number field, unless the field says so already: what a person is typing ("0." on the way to 0.7)
 * must not be rewritten under their hands. For lit's `ref`.
 */
export function showNumber(value: unknown): (field?: Element) => void {
  return (field) => {
    if (!(field instanceof HTMLInputElement) || Object.is(readNumber(field.value), value)) return;
    field.value = value === undefined ? "" : String(value);
  };
}

/** What is written in a number field: nothing, a number, or a text that is none (the decoder's check then names it). */
export function readNumber(text: string): number | string | undefined {
  return text.trim() === "" ? undefined : (numberOf(text) ?? text);
}
