const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/**
 * The number that a text writes, null where it writes none: the one definition for flags, attributes, fields, addresses and files. Digits
 * from 0 to 9, with a sign, a point and a power of ten (`1e-3`) where there are some; spaces around don't count. Infinity, other bases
 * (`0x10`), other digits and separators are no numbers.
 */
export function numberOf(text: string): number | null {
  const trimmed = text.trim();
  const number = DECIMAL.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

/** A value that is a number or the text of one, as a number; NaN for anything else. */
export function asNumber(value: unknown): number {
  const given = typeof value === "string" ? numberOf(value) : value;
  return typeof given === "number" ? given : Number.NaN;
}
