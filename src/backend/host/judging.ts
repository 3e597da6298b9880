import type { Chance } from "../../sampling/verify/chance.js";
import { bildWith, keepsDrafting } from "../../sampling/verify/bild.js";
import { block } from "../../sampling/verify/block.js";
import { kseq } from "../../sampling/verify/kseq.js";
import { recursive, recursiveWithoutReplacement } from "../../sampling/verify/recursive.js";
import { rejection } from "../../sampling/verify/rejection.js";
import { typicalWith } from "../../sampling/verify/typical.js";
import type { Decision, Round } from "../../sampling/verify/verifier.js";
import type { Judging } from "../../seam/questions/judge.js";

const LAW_RULES = { rejection, block, kseq, recursive };

/** A round as a mock's rows know it. */
export interface JudgedRound extends Round {
  /** The probability that its drafter gave each draft, where the rule asks for it. */
  sureness?: readonly number[];
}

/** What a session's rule makes of a round, in float64. */
export function decide(judging: Judging, round: JudgedRound, chance: Chance): Decision {
  switch (judging.rule) {
    case "typical":
      return typicalWith({ epsilon: judging.threshold, delta: judging.alpha }).decide(round, chance);
    case "bild": {
      const { rollback, isLiteral, fallback } = judging;
      const rule = isLiteral ? "literal" : "corrected";
      return bildWith({ rollback, rule }).decide(sureBeginning(round, fallback), chance);
    }
    default: {
      const { rule, laws } = judging;
      const isDistinct = rule === "recursive" && laws.isDistinct;
      return (isDistinct ? recursiveWithoutReplacement : LAW_RULES[rule]).decide(round, chance);
    }
  }
}

/** The drafts before the first one that its drafter was unsure of. */
function sureBeginning(round: JudgedRound, fallback: number): Round {
  const unsure = round.sureness?.findIndex((p) => !keepsDrafting(Float64Array.of(p), fallback)) ?? -1;
  if (unsure < 0) return round;
  return { ...round, tokens: round.tokens.slice(0, unsure), parents: round.parents.slice(0, unsure) };
}
