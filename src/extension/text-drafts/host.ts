import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Pending, TokenRef } from "../../seam/pending.js";
import type { Rows } from "../../seam/rows.js";
import { HostRows } from "../../backend/host/host-rows.js";
import { defineHostPart, type MockTrunk } from "../../backend/host/part.js";
import { MockPending } from "../../backend/host/pending.js";
import { type Copying, NUM_SUCCESSORS, TEXT_DRAFTS, type TextDrafts } from "./key.js";

type Token = TokenId | TokenRef;

/** A mock's text drafts, by the rules of the seam. */
class MockTextDrafts implements TextDrafts {
  private readonly successors = new Map<TokenId, readonly TokenId[]>();

  constructor(private readonly session: MockTrunk) {}

  copy({ last, maxNgram, count, text }: Copying): Pending<TokenId[]> {
    const written = this.session.written(last);
    const from = behindOccurrence(written, text ?? written, maxNgram);
    const copied: TokenId[] = [];
    for (let i = 0; i < count; i++) {
      const period = (text ?? written).slice(from ?? 0);
      copied.push(from === null ? written[written.length - 1] : period[i % period.length]);
    }
    return this.pending(copied);
  }

  forget(): void {
    this.successors.clear();
  }

  follow(last: Token, paths: readonly (readonly number[])[]): Pending<TokenId[]> {
    const root = this.session.written(last).at(-1) ?? 0;
    const ends = paths.map((path) => {
      let token = root;
      for (const rank of path) {
        const next = this.successors.get(token)?.[rank];
        if (next === undefined) break;
        token = next;
      }
      return token;
    });
    return this.pending(ends);
  }

  learn(rows: Rows): void {
    invariant(rows instanceof HostRows && rows.session === this.session, "rows teach their own session's drafts");
    for (const row of rows.origin.list) {
      const logits = [...rows.logitsOf(row)];
      const likeliest = [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b);
      this.successors.set(rows.origin.flight[row].token, likeliest.slice(0, NUM_SUCCESSORS));
    }
    rows.session.counts.dispatches++;
  }

  private pending(drafts: TokenId[]): Pending<TokenId[]> {
    const { session } = this;
    session.counts.dispatches++;
    return new MockPending(
      drafts,
      (word) => drafts[word],
      () => session.readback(4 * drafts.length),
    );
  }
}

/** One a session. */
export const hostTextDrafts = defineHostPart(TEXT_DRAFTS.extension, (trunk) =>
  trunk.once("text-drafts", () => new MockTextDrafts(trunk)),
);

/** Where what follows the longest, leftmost occurrence begins; null without one. */
function behindOccurrence(written: readonly TokenId[], text: readonly TokenId[], maxNgram: number): number | null {
  for (let n = Math.min(maxNgram, written.length, text.length - 1); n > 0; n--) {
    const ngram = written.slice(-n);
    for (let from = n; from < text.length; from++) {
      if (ngram.every((token, i) => text[from - n + i] === token)) return from;
    }
  }
  return null;
}
