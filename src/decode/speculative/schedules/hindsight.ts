import type { TokenId } from "../../../vocabulary/events.js";
import { costOfRound, type DraftCosts } from "./adaptive-length.js";
import type { Drafter } from "../drafters/source.js";

/** Tokens that are looked back at. */
const WINDOW = 64;
/** What a token counts beside the one behind it. */
const FADING = 0.95;
/** By the number of tokens behind it. */
const WEIGHTS = Array.from({ length: WINDOW + 1 }, (_, age) => FADING ** age);
/** Drafts are taken to have been as good as this in so many rounds besides. */
const PRIOR = { acceptance: 0.7, rounds: 0.5 };
/** A smaller gain may be luck. */
const MIN_GAIN = 1.03;

/**
 * Draft lengths for a drafter that needs nothing but the text: what it would have drafted behind each of the latest tokens is
 * known, and how much of that was right, whether it was verified or not. So the length that is chosen is the one that would have
 * written these tokens at the least cost, and trying costs the device nothing. A function of the ids and the costs alone.
 */
export class Hindsight {
  /** What was drafted behind the first `begin + i` ids. */
  private readonly drafts: (readonly TokenId[])[] = [];
  private begin = 0;
  private ids: readonly TokenId[] = [];
  private latest: number | null = null;

  /** Drafts at most `maxDrafts` tokens, behind `ahead` plain steps that are under way as it drafts. */
  constructor(
    private readonly drafter: Drafter,
    private readonly costs: DraftCosts,
    private readonly maxDrafts: number,
    private readonly ahead: number,
  ) {}

  /** The draft behind `ids`, which only grow from call to call: as long as what is under way, and the drafts behind it. */
  draft(ids: readonly TokenId[]): readonly TokenId[] {
    const { drafts } = this;
    if (drafts.length === 0) this.begin = Math.max(1, ids.length - WINDOW);
    for (let length = this.begin + drafts.length; length <= ids.length; length++) {
      drafts.push(this.drafter.draft(ids.slice(0, length), this.ahead + this.maxDrafts).tokens);
    }
    this.begin += drafts.splice(0, drafts.length - WINDOW - 1).length;
    this.ids = ids;
    return drafts[drafts.length - 1];
  }

  /** The number of drafts that was best for the latest tokens, 0 for none; the last answer, unless it is asked for `anew`. */
  best(anew = true): number {
    if (!anew && this.latest !== null) return this.latest;
    const right = this.drafts.map((tokens, i) => this.numRight(tokens, this.begin + i));
    let [best, most] = [0, MIN_GAIN];
    for (let numDrafts = 1; numDrafts <= this.maxDrafts; numDrafts++) {
      const speedUp = this.replay(numDrafts, right);
      if (speedUp > most) [best, most] = [numDrafts, speedUp];
    }
    this.latest = best;
    return best;
  }

  /** Tokens by cost, had at most so many been drafted in a round: verdicts are waited for, plain steps run ahead. */
  private replay(most: number, right: readonly number[]): number {
    let cost = PRIOR.rounds * costOfRound(this.costs, most);
    let tokens = PRIOR.rounds;
    for (let depth = 1; depth <= most; depth++) tokens += PRIOR.rounds * PRIOR.acceptance ** depth;
    const numTokens = this.drafts.length - 1;
    let underWay = 0;
    for (let at = 0; at + underWay < numTokens; ) {
      const weight = WEIGHTS[numTokens - at - underWay];
      const numDrafts = Math.min(most, this.drafts[at].length - underWay);
      // Whether the rest is right isn't known yet.
      if (at + right[at] === numTokens && underWay + numDrafts > right[at]) break;
      if (numDrafts > 0) {
        const accepted = Math.max(0, Math.min(numDrafts, right[at] - underWay));
        cost += weight * costOfRound(this.costs, numDrafts);
        tokens += weight * (1 + accepted);
        at += underWay + 1 + accepted;
        underWay = 0;
      } else {
        cost += weight;
        tokens += weight;
        if (underWay < this.ahead) underWay++;
        else at++;
      }
    }
    return tokens / cost;
  }

  /** How many were right of the tokens that were drafted behind the first `at` ids. */
  private numRight(tokens: readonly TokenId[], at: number): number {
    const wrong = tokens.findIndex((token, i) => token !== this.ids[at + i]);
    return wrong < 0 ? tokens.length : wrong;
  }
}
