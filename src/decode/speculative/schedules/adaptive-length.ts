/** What drafting and verifying cost, in forwards of one row; measured once for a model and a machine, then frozen. */
export interface DraftCosts {
  /** A forward of so many rows: 1 for one row, rising. */
  forward(numRows: number): number;
  /** Drafting so many tokens. */
  drafting(numDrafts: number): number;
  /** Having the drafter read so many tokens that were written without it, beside the next draft. */
  catchingUp(numTokens: number): number;
  /** Waiting for a result while the device has nothing to do. */
  roundTrip: number;
  /** Rounds that the device has to do while a verdict is on its way; 0 where the next one waits for it. */
  lag: number;
}

/** What a round of so many drafts costs, up to where the next one can begin. */
export function costOfRound({ forward, drafting, roundTrip, lag }: DraftCosts, numDrafts: number): number {
  const work = drafting(numDrafts) + forward(numDrafts + 1);
  return lag === 0 ? work + roundTrip : Math.max(work, roundTrip / lag);
}

/** Share of an observation that the next one of the same depth leaves of it. */
const FORGETTING = 0.96;
/** What is assumed before there are observations: as many of the first depth as this, to be forgotten like others. */
const PRIOR = { acceptance: 0.7, observations: 4 };
/** Weight, in observations, of a depth's being as good as the one before it. */
const DEPTH_WEIGHT = 2;
/** Plain tokens until the first try to draft again; twice as many after each that fails. */
const FIRST_GAP = 16;
/** What a try may cost at most, by the tokens that were written without drafts before it. */
const TRIAL_SHARE = 0.01;
/** No context is so long. */
const MAX_GAP = 2 ** 20;

/**
 * Chooses how many tokens to draft so that expected tokens per cost are most: with acceptance a_d of depth d given that
 * depth d - 1 was accepted, (1 + Σ_i Π_{d≤i} a_d) / (c(γ) + v(γ + 1) + w) (Leviathan et al. 2211.17192 §3.3, with measured v,
 * and w where the verdict is waited for). Where that never exceeds plain decoding, text is written plainly, and a draft tried
 * again when a failure of it costs 1 % of that text at most. A function of its observations alone, so a seed repeats.
 */
export class AdaptiveLength {
  private readonly seen: Float64Array;
  private readonly accepted: Float64Array;
  private gap = FIRST_GAP;
  /** A draft where none is expected to pay: none, to be made in the next round, or made and not judged yet. */
  private trial: "none" | "due" | "made" = "due";
  private hasSeen = false;

  /** Drafts at most `maxDrafts` tokens. */
  constructor(
    private readonly costs: DraftCosts,
    private readonly maxDrafts: number,
  ) {
    this.seen = new Float64Array(maxDrafts);
    this.accepted = new Float64Array(maxDrafts);
    this.seen[0] = PRIOR.observations;
    this.accepted[0] = PRIOR.observations * PRIOR.acceptance;
  }

  /** Tokens to draft in the next round. */
  next(): number {
    const { numDrafts } = this.best();
    // What nothing is known of yet is tried by one draft.
    if (numDrafts > 0) {
      this.trial = "none";
      return this.hasSeen ? numDrafts : 1;
    }
    if (this.trial !== "due" || this.maxDrafts === 0) return 0;
    this.trial = "made";
    return 1;
  }

  /** Tokens to write plainly, ahead of all verdicts, before the next round; 0 while drafting pays, infinitely many where no try would. */
  skip(): number {
    if (this.maxDrafts === 0) return Number.POSITIVE_INFINITY;
    // Until a try is judged, rounds that draft nothing run ahead of it.
    if (this.best().numDrafts > 0 || this.trial !== "none") return 0;
    this.trial = "due";
    let { gap } = this;
    while (this.costOfTrial(gap) > TRIAL_SHARE * gap && gap < MAX_GAP) gap *= 2;
    return gap < MAX_GAP ? gap : Number.POSITIVE_INFINITY;
  }

  /** What a round has shown: of `proposed` drafts in a chain the first `accepted` were right. */
  observe(proposed: number, accepted: number): void {
    for (let depth = 0; depth < Math.min(proposed, accepted + 1); depth++) {
      this.seen[depth] = this.seen[depth] * FORGETTING + 1;
      this.accepted[depth] = this.accepted[depth] * FORGETTING + (depth < accepted ? 1 : 0);
    }
    this.hasSeen ||= proposed > 0;
    if (this.trial !== "made") return;
    // A try that was right has cost nothing, nor one that found nothing to draft: the next one needn't wait.
    const hasFailed = proposed > 0 && accepted === 0;
    this.trial = hasFailed ? "none" : "due";
    this.gap = hasFailed ? this.gap * 2 : FIRST_GAP;
  }

  /** Expected speed over plain decoding with so many drafts, by the acceptance seen lately. */
  speedup(numDrafts: number): number {
    if (numDrafts === 0) return 1;
    let acceptance = this.accepted[0] / this.seen[0];
    let reached = 1;
    let tokens = 1;
    for (let depth = 0; depth < numDrafts; depth++) {
      // A depth that was seldom reached is taken to be as good as the one before it.
      if (depth > 0) {
        acceptance = (this.accepted[depth] + DEPTH_WEIGHT * acceptance) / (this.seen[depth] + DEPTH_WEIGHT);
      }
      reached *= acceptance;
      tokens += reached;
    }
    return tokens / costOfRound(this.costs, numDrafts);
  }

  /** The best number of drafts and what it promises; 0 and 1 for plain decoding. */
  best(): { numDrafts: number; speedup: number } {
    let [numDrafts, speedup] = [0, 1];
    for (let i = 1; i <= this.maxDrafts; i++) {
      const here = this.speedup(i);
      if (here > speedup) [numDrafts, speedup] = [i, here];
    }
    return { numDrafts, speedup };
  }

  /** One draft behind so many plain tokens that turns out wrong, less the token that it writes all the same. */
  private costOfTrial(numPlain: number): number {
    const { catchingUp, roundTrip } = this.costs;
    // The last plain token is waited for, whatever rounds do.
    return costOfRound(this.costs, 1) - 1 + roundTrip + catchingUp(numPlain);
  }
}
