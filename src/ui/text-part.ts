/** A text in three: what is to be written anew, with the space before it, and what stays around it. */
export interface Part {
  before: string;
  old: string;
  behind: string;
}

/** The whole words that a selection touches, and what is around them; null where it touches none. */
export function cut(text: string, from: number, to: number): Part | null {
  if (text.slice(from, to).trim() === "") return null;
  let [start, end] = [from, to];
  while (/\s/.test(text[start])) start++;
  while (/\s/.test(text[end - 1])) end--;
  while (isWithinWord(text, start)) start--;
  while (isWithinWord(text, end)) end++;
  // A space before words is the first of their tokens' own, as it is a hole's.
  if (text[start - 1] === " ") start--;
  return { before: text.slice(0, start), old: text.slice(start, end), behind: text.slice(end) };
}

/** The prompt in which the part is a hole of so many tokens. */
export function promptOf({ before, old, behind }: Part, length: number | string): string {
  return `${before}${old.startsWith(" ") ? " " : ""}<mask:${length}>${behind}`;
}

/** How many tokens a part has, about: words and signs. */
export function usualLength(old: string): number {
  return old.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 1;
}

/** What was written in the part's place, out of all that stands behind the prompt's beginning; null where what follows isn't as it was. */
export function rewritten({ behind }: Part, text: string): string | null {
  return text.endsWith(behind) ? text.slice(0, text.length - behind.length) : null;
}

function isWithinWord(text: string, at: number): boolean {
  const isOfWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}'’]/u.test(character);
  return isOfWord(text[at - 1]) && isOfWord(text[at]);
}
