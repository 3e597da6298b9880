/** What drafting and verifying cost, in forwards of one row; measured once for a model and a machine, then frozen. */
export interface DraftCosts {
  /** A forward of so many rows: 1 for one row, rising. */
  forward(numRows: number): number;
  /** Drafting so many tokens. */
  drafting(numDrafts: number): number;
}

/** Share of an observation that the next one of the same depth leaves of it. */
const FORGETTING = 0.96;
/** Weight, in observations, of what is assumed before there are any. */
const PRIOR_WEIGHT = 2;
const PRIOR_ACCEPTANCE = 0.7;
/** Rounds without drafts until one is drafted to see whether that has changed; doubles each time it hasn't. */
const PROBE_ROUNDS = { first: 16, most: 128 };

/**
 * Chooses how many tokens to draft so that expected tokens per cost are most: with acceptance a_d of depth d given that
 * depth d - 1 was accepted, (1 + Σ_i Π_{d≤i} a_d) / (c(γ) + v(γ + 1)) (Leviathan et al. 2211.17192 §3.3, with measured v).
 * Drafts nothing where that never exceeds plain decoding, and tries again now and then. A function of its observations
 * alone, so a seed repeats.
 */
export class AdaptiveLength {
  private readonly seen: Float64Array;
  private readonly accepted: Float64Array;
  private roundsWithout = 0;
  private probeAfter = PROBE_ROUNDS.first;

  /** Drafts at most `maxDrafts` tokens. */
  constructor(
    private readonly costs: DraftCosts,
    private readonly maxDrafts: number,
  ) {
    this.seen = new Float64Array(maxDrafts);
    this.accepted = new Float64Array(maxDrafts);
  }

  /** Tokens to draft in the next round. */
  next(): number {
    const best = this.best().numDrafts;
    if (best > 0) {
      this.roundsWithout = 0;
      this.probeAfter = PROBE_ROUNDS.first;
      return best;
    }
    if (this.maxDrafts === 0 || ++this.roundsWithout <= this.probeAfter) return 0;
    this.roundsWithout = 0;
    this.probeAfter = Math.min(PROBE_ROUNDS.most, this.probeAfter * 2);
    return 1;
  }

  /** Rounds until the next one that drafts something, whatever they show; they count as over. 0 while drafting pays. */
  skip(): number {
    if (this.maxDrafts === 0 || this.best().numDrafts > 0) return 0;
    const rounds = this.probeAfter - this.roundsWithout;
    this.roundsWithout = this.probeAfter;
    return rounds;
  }

  /** What a round has shown: of `proposed` drafts in a chain the first `accepted` were right. */
  observe(proposed: number, accepted: number): void {
    for (let depth = 0; depth < Math.min(proposed, accepted + 1); depth++) {
      this.seen[depth] = this.seen[depth] * FORGETTING + 1;
      this.accepted[depth] = this.accepted[depth] * FORGETTING + (depth < accepted ? 1 : 0);
    }
  }

  /** Expected speed over plain decoding with so many drafts, by the acceptance seen lately. */
  speedup(numDrafts: number): number {
    let acceptance = PRIOR_ACCEPTANCE;
    let reached = 1;
    let tokens = 1;
    for (let depth = 0; depth < numDrafts; depth++) {
      // A depth that was seldom reached is taken to be as good as the one before it.
      acceptance = (this.accepted[depth] + PRIOR_WEIGHT * acceptance) / (this.seen[depth] + PRIOR_WEIGHT);
      reached *= acceptance;
      tokens += reached;
    }
    return tokens / (this.costs.drafting(numDrafts) + this.costs.forward(numDrafts + 1));
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
}
