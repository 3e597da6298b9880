import type { TokenId } from "../vocabulary/events.js";
import { threefry2x32 } from "../sampling/noise.js";
import type { Draft } from "../decode/speculative/drafters/source.js";

/** Pseudo-random ids below `vocabSize`, the same for the same seed. */
export function randomIds(seed: number, length: number, vocabSize: number): TokenId[] {
  return Array.from({ length }, (_, i) => threefry2x32(seed, 77, i, 0)[0] % vocabSize);
}

/** The tokens from the root to each node of a draft. Throws when a parent doesn't come before its child. */
export function pathsOf({ tokens, parents }: Draft): TokenId[][] {
  const paths: TokenId[][] = [];
  tokens.forEach((token, i) => {
    const parent = parents[i];
    if (!(parent >= -1 && parent < i)) throw new Error(`node ${i} has parent ${parent}`);
    paths.push([...(paths[parent] ?? []), token]);
  });
  return paths;
}
