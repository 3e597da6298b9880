import type { Ask } from "../../../seam/asks.js";
import { LAWS, lawsFor } from "../../../extension/laws/key.js";
import type { Canvas } from "../../../vocabulary/canvas.js";
import type { Laws } from "../../../seam/questions/draft.js";
import { judge, type Judging } from "../../../seam/questions/judge.js";
import { verify, type Verdict } from "../../../seam/questions/verify.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { Pending } from "../../../seam/pending.js";
import type { Question } from "../../../seam/questions/question.js";
import type { Rows } from "../../../seam/rows.js";
import type { Sampler } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { numberOption, type OptionValues } from "../../options.js";
import { handsOver, isTargetsTurn } from "./bild.js";
import { leastConfidence } from "../schedules/schedule.js";
import { verifierOf } from "./verifiers.js";

/** The chosen verifier at work on one target. */
export interface Judge {
  /** What drafts are drawn with by the question `draft`; `null`: they are drawn as autoregressive draws, or not at all. */
  laws: Laws | null;
  /** Judges a forward's rows; `drafts`: a draft model's, one result a draft. */
  verdict(rows: Rows, sampler: Sampler, drafts?: readonly Pending<Selected[]>[]): Pending<Verdict>;
}

/** What `judgeOf` asks of a target whose drafts are `numChains` chains, and what drafts are drawn by. */
export function judgeAsks(options: OptionValues, numChains = 1): { target: readonly Ask[]; draft: "sample" | "draft" } {
  const { rule } = verifierOf(options);
  if (!rule) return { target: ["verify", "keep"], draft: "sample" };
  if (rule === "bild") return { target: ["judge", "keep"], draft: "sample" };
  return { target: ["judge", "keep", LAWS], draft: rule === "typical" && numChains === 1 ? "sample" : "draft" };
}

/** The verifier that checked options name, for rounds of up to `numDrafts` drafts in `numChains` chains. */
export function judgeOf(options: OptionValues, target: Session, numDrafts: number, numChains = 1): Judge {
  const { rule } = verifierOf(options);
  if (!rule) return { laws: null, verdict: asking(verify) };
  if (rule === "bild") {
    // Who hands over has no unsure drafts among those that are judged.
    const fallback = handsOver(options) ? 0 : numberOption(options, "fallback_threshold");
    const rollback = numberOption(options, "rollback_threshold");
    const limits = { fallback, rollback, isLiteral: options.rollback_rule === "literal" };
    return {
      laws: null,
      verdict: (rows, sampler, drafts = []) => rows.ask(judge(sampler, { rule, drafts, ...limits })),
    };
  }
  const laws = target.beside(lawsFor(numDrafts, numChains, options.first_drafts === "distinct"));
  if (rule !== "typical") return { laws, verdict: asking((sampler) => judge(sampler, { rule, laws })) };
  const threshold = numberOption(options, "posterior_threshold");
  const judging: Judging = { rule, laws, threshold, alpha: numberOption(options, "posterior_alpha") };
  // One chain may share the target's noise; several would all be the same one by it.
  return { laws: numChains > 1 ? laws : null, verdict: asking((sampler) => judge(sampler, judging)) };
}

/** Asks rows what `make` makes of a sampler, once for as long as that is the same one. */
function asking(make: (sampler: Sampler) => Question<Verdict>): Judge["verdict"] {
  let asked: { sampler: Sampler; question: Question<Verdict> } | null = null;
  return (rows, sampler) => {
    if (asked?.sampler !== sampler) asked = { sampler, question: make(sampler) };
    return rows.ask(asked.question);
  };
}

/** When a drafter ends a chain early, whose drafts are read back one by one for that. */
export interface Doubt {
  /** Whether the drafter's law gives this draft enough. */
  isSure(draft: Pending<Selected[]>): Promise<boolean>;
  /** The unsure draft isn't one: the target writes in its place. Else it is the chain's last. */
  drops: boolean;
}

/** How checked options have a drafter doubt; null: it drafts on, and nothing is read back for that. */
export function doubtOf(options: OptionValues): Doubt | null {
  const drops = handsOver(options);
  const least = drops ? numberOption(options, "fallback_threshold") : leastConfidence(options);
  if (least === 0) return null;
  return { drops, isSure: async (draft) => Math.exp((await draft.read())[0].logprob) >= least };
}

/** Whether a round drafts nothing since the target is to write, in a run whose canvas holds all that was written. */
export function restsBefore(options: OptionValues, canvas: Canvas): boolean {
  return handsOver(options) && isTargetsTurn(canvas);
}
