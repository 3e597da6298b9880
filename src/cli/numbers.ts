import { InvalidOptionError } from "../vocabulary/errors.js";

/** A list of integers `min` or greater from text like "5,9,2"; refuses anything else by the flag's name. */
export function integerList(flag: string, text: string, min: number): number[] {
  return text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((word) => integer(flag, word, min));
}

/** One integer `min` or greater from text; refuses anything else by the flag's name. */
export function integer(flag: string, text: string, min: number): number {
  if (!/^[+-]?\d+$/.test(text) || Number(text) < min || !Number.isSafeInteger(Number(text))) {
    throw new InvalidOptionError(`${flag} ${JSON.stringify(text)}: expected an integer of at least ${min}.`);
  }
  return Number(text);
}

/** `causal`, `full` or `block:N`. */
export function attention(text: string, flag = "--attend"): "causal" | "full" | { block: number } {
  if (text === "causal" || text === "full") return text;
  const match = /^block:(.+)$/.exec(text);
  if (!match) throw new InvalidOptionError(`${flag} ${JSON.stringify(text)}: expected causal, full or block:N.`);
  return { block: integer(`${flag} block:N`, match[1], 1) };
}
