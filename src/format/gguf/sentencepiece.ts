import { KIND, type Vocabulary } from "./vocabulary.js";

/**
 * The merges of a SentencePiece BPE, best first: every way to make a token of two others, by the token's score, as transformers writes them
 * for such a vocabulary (`generate_merges`). Bytes, control and unknown tokens are never made so.
 */
export function mergesOf({ tokens, kinds }: Vocabulary, scores: ArrayLike<number>): [string, string][] {
  const ids = new Map<string, number>();
  tokens.forEach((token, id) => {
    if (kinds[id] === KIND.normal || kinds[id] === KIND.userDefined) ids.set(token, id);
  });
  const merges: { pair: [string, string]; score: number; left: number; right: number; order: number }[] = [];
  for (const [token, id] of ids) {
    if (kinds[id] !== KIND.normal) continue;
    const characters = [...token];
    const own: [number, number, [string, string]][] = [];
    for (let at = 1; at < characters.length; at++) {
      const pair: [string, string] = [characters.slice(0, at).join(""), characters.slice(at).join("")];
      const [left, right] = pair.map((part) => ids.get(part));
      if (left !== undefined && right !== undefined) own.push([left, right, pair]);
    }
    own.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    for (const [, , pair] of own) {
      const [left, right] = pair.map((part) => [...part].length);
      merges.push({ pair, score: scores[id], left, right, order: merges.length });
    }
  }
  merges.sort((a, b) => b.score - a.score || b.left - a.left || b.right - a.right || a.order - b.order);
  return merges.map(({ pair }) => pair);
}
