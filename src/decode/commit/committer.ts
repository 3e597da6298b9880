import type { TokenId } from "../../events.js";
import type { Measured, RowMemory, Rows, Sampler, Session, Unmasked, UnmaskPolicy } from "../../model/session.js";
import { chooseCommits } from "../../sampling/unmask.js";
import type { OptionValues } from "../options.js";
import { isPlain, logConfidence } from "./confidence.js";
import { commitRuleOf } from "./index.js";
import type { BlockState, Candidate, CommitRule } from "./rule.js";

/** A masked position after a step: what was drawn for it, and whether it is committed. */
export type Commit = Unmasked["rows"][number];

/** The chosen commit rule at work on one run's forwards. */
export class Committer {
  private readonly rule: CommitRule;
  private readonly memory: RowMemory | null;
  /** By position. */
  private readonly divergences = new Map<number, number[]>();

  constructor(
    private readonly options: OptionValues,
    target: Session,
  ) {
    this.rule = commitRuleOf(options);
    const kept = this.rule.memory?.(options);
    this.memory = kept ? target.rowMemory(kept) : null;
  }

  /** Draws a token for each row, all masked ones of the block, and says which are committed. */
  async choose(
    rows: Rows,
    sampler: Sampler,
    positions: readonly number[],
    block: Omit<BlockState, "options" | "seed">,
  ): Promise<readonly Commit[]> {
    const { memory, options } = this;
    const { choice } = this.rule;
    const state: BlockState = { ...block, options, seed: sampler.seed };
    if ("policy" in choice && !memory && isPlain(options)) {
      return (await rows.unmask(sampler, choice.policy(state)).read()).rows;
    }
    const measured = await rows.measure(sampler, memory ? { of: memory, positions } : undefined).read();
    const candidates = measured.map((row, i) => this.candidate(row, positions[i]));
    const chosen =
      "policy" in choice
        ? byPolicy(candidates, choice.policy(state), sampler.seed)
        : new Set(choice.choose(candidates, state));
    return measured.map(({ token, logprob }, i) => ({ token, logprob, commit: chosen.has(i) }));
  }

  private candidate(measured: Measured, position: number): Candidate {
    const { divergence } = measured;
    const divergences = this.divergences.get(position) ?? [];
    this.divergences.set(position, divergences);
    if (divergence !== null) divergences.push(divergence);
    return { ...measured, position, logConfidence: logConfidence(measured, this.options), divergences };
  }
}

function byPolicy(candidates: readonly Candidate[], policy: UnmaskPolicy, seed: number): ReadonlySet<TokenId> {
  const sureness = candidates.map(({ position, logConfidence: logprob }) => ({ position, logprob }));
  const commits = chooseCommits(sureness, policy, seed);
  return new Set(commits.flatMap((isCommitted, i) => (isCommitted ? [i] : [])));
}
