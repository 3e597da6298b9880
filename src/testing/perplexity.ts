import { readFileSync } from "node:fs";
import type { Session } from "../seam/session.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";

/** The first `numTokens` tokens of a text that `story-ar` hasn't seen. */
export function unseenIds(tokenizer: Tokenizer, numTokens: number): number[] {
  const text = readFileSync("tests/fixtures/valid-sample.txt", "utf8").slice(0, numTokens * 8);
  return tokenizer.encode(text).slice(0, numTokens);
}

/** exp of the mean of -log p over the tokens behind the first, in one forward on an empty session. */
export async function perplexity(session: Session, ids: readonly number[]): Promise<number> {
  const logits = await session.forward({ tokens: ids, attend: "causal", rows: "all", keep: ids.length }).logits();
  const width = logits.length / ids.length;
  let total = 0;
  for (let i = 1; i < ids.length; i++) {
    const row = logits.subarray((i - 1) * width, i * width);
    const most = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((partial, logit) => partial + Math.exp(logit - most), 0);
    total += most + Math.log(sum) - row[ids[i]];
  }
  return Math.exp(total / (ids.length - 1));
}
