import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Pending, TokenRef } from "../../seam/pending.js";
import type { Rows } from "../../seam/rows.js";
import { largest } from "../../sampling/processors.js";
import { hostRowsOf } from "../../backend/host/host-rows.js";
import { defineHostPart, type HostTrunk } from "../../backend/host/part.js";
import { HostPending } from "../../backend/host/pending.js";
import { type Copying, NUM_SUCCESSORS, TEXT_DRAFTS, type TextDrafts } from "./key.js";

type Token = TokenId | TokenRef;

/** Text drafts on the CPU. */
class HostTextDrafts implements TextDrafts {
  private readonly successors = new Map<TokenId, readonly TokenId[]>();

  constructor(private readonly trunk: HostTrunk) {}

  copy(copying: Copying): Pending<TokenId[]> {
    return this.trunk.later(() => this.pending(this.copied(copying)));
  }

  private copied({ last, maxNgram, count, text }: Copying): TokenId[] {
    const written = this.trunk.written(last);
    const from = behindOccurrence(written, text ?? written, maxNgram);
    const copied: TokenId[] = [];
    for (let i = 0; i < count; i++) {
      const period = (text ?? written).slice(from ?? 0);
      copied.push(from === null ? written[written.length - 1] : period[i % period.length]);
    }
    return copied;
  }

  forget(): void {
    this.trunk.behind(() => this.successors.clear());
  }

  follow(last: Token, paths: readonly (readonly number[])[]): Pending<TokenId[]> {
    return this.trunk.later(() => {
      const root = this.trunk.written(last).at(-1) ?? 0;
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
    });
  }

  learn(rows: Rows): void {
    this.trunk.behind(() => {
      const own = hostRowsOf(rows);
      const { list, flight } = own.origin;
      invariant(own.session === this.trunk.owner, "rows teach their own session's drafts");
      for (const row of list) {
        this.successors.set(flight[row].token, largest(own.logitsOf(row), NUM_SUCCESSORS));
      }
      own.session.counts.dispatches++;
    });
  }

  private pending(drafts: TokenId[]): HostPending<TokenId[]> {
    const { owner } = this.trunk;
    owner.counts.dispatches++;
    return new HostPending(
      drafts,
      (word) => drafts[word],
      () => owner.readback(4 * drafts.length),
    );
  }
}

/** One a session. */
export const hostTextDrafts = defineHostPart(TEXT_DRAFTS.extension, (trunk) =>
  trunk.once("text-drafts", () => new HostTextDrafts(trunk)),
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
