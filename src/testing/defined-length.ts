import type { TokenId } from "../vocabulary/events.js";

/** The longest n-gram of `text`, of at most `most` tokens, that `text` and `next` end with, by comparing every stretch: 0 where there is none. */
export function definedLength(text: readonly TokenId[], next: TokenId, most: number): number {
  const end = [...text, next];
  for (let n = Math.min(most, end.length); n > 0; n--) {
    const last = end.slice(-n).join();
    for (let at = 0; at + n <= text.length; at++) if (text.slice(at, at + n).join() === last) return n;
  }
  return 0;
}

/** Of candidates, likeliest first, the one that momentum decoding takes by its definition (arXiv 2212.02175), with the lengths of all. */
export function definedChoice(
  candidates: readonly { token: TokenId; probability: number }[],
  text: readonly TokenId[],
  resistance: readonly number[],
): { place: number; lengths: number[]; margin: number } {
  const lengths = candidates.map(({ token }) => definedLength(text, token, resistance.length - 1));
  const scores = candidates.map(({ probability }, c) => probability - resistance[lengths[c]]);
  const highest = Math.max(...scores);
  const place = scores.indexOf(highest);
  const others = scores.filter((_, c) => c !== place);
  return { place, lengths, margin: highest - Math.max(...others) };
}
