import { invariant } from "../../../vocabulary/errors.js";
import { noiseChance } from "../../../sampling/verify/chance.js";
import type { Pending } from "../../../seam/pending.js";
import type { Judge, Judging } from "../../../seam/questions/judge.js";
import type { Verdict } from "../../../seam/questions/verify.js";
import { GREEDY, type Sampler } from "../../../seam/sampler.js";
import type { HostRows } from "../host-rows.js";
import { decide, type JudgedRound } from "../judging.js";
import { workedOut } from "../pending.js";
import { HostLaws } from "../stores.js";
import { verify } from "./verify.js";

/** What a rule keeps of the drafts, in float64. */
export function judge(rows: HostRows, { sampler, judging }: Judge): Pending<Verdict> {
  const { list, flight } = rows.origin;
  const { rule } = judging;
  if (rule !== "bild" && (sampler.temperature === 0 || list.length === 1)) return verify(rows, { sampler });
  const tokens = list.slice(1).map((row) => flight[row].token);
  const parents = tokens.map((_, i) => rows.parentOf(i + 1) - 1);
  const target = list.map((row) => rows.drawn(row, sampler).law);
  const round: JudgedRound = { tokens, parents, target, ...judgedLaws(rows, judging, sampler) };
  const { position } = rows.drawn(list[0], sampler);
  const chance = rows.session.chance ?? noiseChance({ seed: sampler.seed, position });
  const { path, token } = decide(judging, round, chance);
  const written = [...path.map((draft) => tokens[draft]), token];
  const accepted = [0, ...path.map((draft) => draft + 1)];
  const emitted = written.map((id, i) => ({ token: id, logprob: rows.logprobOf(list[accepted[i]], sampler, id) }));
  return rows.verdict(tokens, emitted, accepted);
}

/** The laws besides the target's that a rule compares. */
function judgedLaws(rows: HostRows, judging: Judging, sampler: Sampler): Partial<JudgedRound> {
  const { list, parents } = rows.origin;
  const numDrafts = list.length - 1;
  if (judging.rule === "bild") {
    const plain = { ...GREEDY, temperature: 1, suppress: sampler.suppress };
    const sureness = judging.drafts.map((draft) => Math.exp(workedOut(draft, "the drafts are").value[0].logprob));
    return { raw: list.map((row) => rows.drawn(row, plain).law), sureness };
  }
  if (judging.rule === "typical") return {};
  const { laws, rule } = judging;
  invariant(laws instanceof HostLaws && laws.drafts.length === numDrafts, `laws of ${numDrafts} drafts`);
  const { numChains } = laws;
  const drafts = laws.drafts.map((law) => resized(law, rows.session.capabilities.vocabSize));
  const isChain = !parents && numChains === 1;
  invariant(isChain || (rule !== "rejection" && rule !== "block"), `${rule} judges one chain`);
  // The law behind a row is that of the next draft in the same chain.
  return { draft: list.map((_, row) => drafts[row === 0 ? 0 : row - 1 + numChains]) };
}

/** A law of so many tokens, which is padded otherwise than it was. */
function resized(law: Float64Array, vocabSize: number): Float64Array {
  return Float64Array.from({ length: vocabSize }, (_, id) => law[id] ?? 0);
}
