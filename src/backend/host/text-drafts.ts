import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Pending, TokenRef } from "../../seam/pending.js";
import type { Rows } from "../../seam/rows.js";
import { type Copying, NUM_SUCCESSORS, type TextDrafts } from "../../extension/text-drafts/key.js";
import { HostRows } from "./host-rows.js";

type Token = TokenId | TokenRef;

/** What a mock's drafts need of its session. */
interface MockText {
  /** Ids of the kept tokens and of this one behind them. */
  written(last: Token): TokenId[];
  pending(drafts: TokenId[]): Pending<TokenId[]>;
  /** Whether rows are of it. */
  isOwn(rows: HostRows): boolean;
}

/** A mock's text drafts, by the rules of the seam. */
export class MockTextDrafts implements TextDrafts {
  private readonly successors = new Map<TokenId, readonly TokenId[]>();

  constructor(private readonly session: MockText) {}

  copy({ last, maxNgram, count, text }: Copying): Pending<TokenId[]> {
    const written = this.session.written(last);
    const from = behindOccurrence(written, text ?? written, maxNgram);
    const copied: TokenId[] = [];
    for (let i = 0; i < count; i++) {
      const period = (text ?? written).slice(from ?? 0);
      copied.push(from === null ? written[written.length - 1] : period[i % period.length]);
    }
    return this.session.pending(copied);
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
    return this.session.pending(ends);
  }

  learn(rows: Rows): void {
    invariant(rows instanceof HostRows && this.session.isOwn(rows), "rows teach their own session's drafts");
    for (const row of rows.origin.list) {
      const logits = [...rows.logitsOf(row)];
      const likeliest = [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b);
      this.successors.set(rows.origin.flight[row].token, likeliest.slice(0, NUM_SUCCESSORS));
    }
    rows.session.counts.dispatches++;
  }
}

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
