import type { Selected } from "../seam/questions/sample.js";
import type { TokenId } from "../vocabulary/events.js";

/** So many tokens would `next` repeat behind `text`, itself included: those of the longest n-gram, of at most `most` tokens, that occurs there. */
export function repeatedLength(text: readonly TokenId[], next: TokenId, most: number): number {
  let longest = 0;
  for (let place = text.indexOf(next); place >= 0 && longest < most; place = text.indexOf(next, place + 1)) {
    let length = 1;
    while (length < most && place >= length && text[place - length] === text[text.length - length]) length++;
    longest = Math.max(longest, length);
  }
  return longest;
}

/**
 * Which of the candidates momentum decoding takes behind `text` (arXiv 2212.02175): the highest p − resistance, the first of equal ones.
 * `resistance` is by repeated length, the last one's for more; where all are infinite the first candidate is taken.
 */
export function leastResisted<C extends Pick<Selected, "token" | "logprob">>(
  candidates: readonly C[],
  text: readonly TokenId[],
  resistance: readonly number[],
): C {
  let [best] = candidates;
  let highest = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    const length = repeatedLength(text, candidate.token, resistance.length - 1);
    const score = Math.exp(candidate.logprob) - resistance[length];
    if (score > highest) [best, highest] = [candidate, score];
  }
  return best;
}
