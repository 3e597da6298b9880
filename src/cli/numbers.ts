import { InvalidOptionError } from "../vocabulary/errors.js";
import { numberOf } from "../vocabulary/number-text.js";

/** A list of ids, `min` or greater, from text like "5,9,2": whole and in digits alone; refuses anything else by the flag's name. */
export function integerList(flag: string, text: string, min: number): number[] {
  return text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((word) => checked(flag, word, /^[+-]?\d+$/.test(word) ? numberOf(word) : null, min));
}

/** One integer `min` or greater from text; refuses anything else by the flag's name. */
export function integer(flag: string, text: string, min: number): number {
  return checked(flag, text, numberOf(text), min);
}

function checked(flag: string, text: string, number: number | null, min: number): number {
  if (number === null || !Number.isSafeInteger(number) || number < min) {
    throw new InvalidOptionError(`${flag} ${JSON.stringify(text)}: expected an integer of at least ${min}.`);
  }
  return number;
}

/** `causal`, `full` or `block:N`. */
export function attention(text: string, flag = "--attend"): "causal" | "full" | { block: number } {
  if (text === "causal" || text === "full") return text;
  const match = /^block:(.+)$/.exec(text);
  if (!match) throw new InvalidOptionError(`${flag} ${JSON.stringify(text)}: expected causal, full or block:N.`);
  return { block: integer(`${flag} block:N`, match[1], 1) };
}
