import { memoryOf } from "../../../extension/row-memory/key.js";
import { measure, type Measured, type RowMemory } from "../../../seam/questions/measure.js";
import type { Rows } from "../../../seam/rows.js";
import type { Sampler } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { unmask, type Unmasked, type UnmaskPolicy } from "../../../seam/questions/unmask.js";
import { chooseCommits } from "../../../sampling/unmask.js";
import type { Canvas, Slot } from "../../../vocabulary/canvas.js";
import type { Editor } from "../../decoder.js";
import type { OptionValues } from "../../options.js";
import { isPlain, logConfidence } from "./confidence.js";
import { commitRuleOf } from "./index.js";
import type { BlockState, Candidate, CommitRule, Reviser, Tentative } from "./rule.js";

/** What a step writes into a block, by position. */
export interface Choice {
  written: readonly Tentative[];
  remask: readonly number[];
  /** The rule may change what is written, until it says that the block is settled. */
  isSettled: boolean;
}

/** The chosen commit rule at work on one run's forwards. */
export class Committer {
  /** Tentative tokens are candidates as well as masks. */
  private readonly readsAll: boolean;
  private readonly rule: CommitRule;
  private readonly reviser: Reviser | null;
  private readonly memory: RowMemory | null;
  /** By position. */
  private readonly divergences = new Map<number, number[]>();

  constructor(
    private readonly options: OptionValues,
    target: Session,
    private readonly drawsPerStep = 1,
  ) {
    this.rule = commitRuleOf(options);
    const { choice } = this.rule;
    this.readsAll = "begin" in choice && choice.readsAll === true;
    this.reviser = "begin" in choice ? choice.begin() : null;
    const kept = this.rule.memory?.(options);
    this.memory = kept ? target.beside(memoryOf(kept)) : null;
  }

  /** Whether a slot of the block is a candidate. */
  considers({ state }: Slot): boolean {
    return state === "mask" || (state === "tentative" && this.readsAll);
  }

  /**
   * Draws a token for each row, which are those of all candidates of the block, and says what is written. `pick` chooses among
   * fillings of the block, which noise of this `draw` and the next ones gives, by their number.
   */
  async choose(
    rows: Rows,
    sampler: Sampler,
    positions: readonly number[],
    block: Omit<BlockState, "options" | "seed">,
    pick?: (firstDraw: number) => Promise<number>,
  ): Promise<Choice> {
    const { memory, options } = this;
    const { choice } = this.rule;
    const state: BlockState = { ...block, options, seed: sampler.seed };
    const drawn = this.reviser?.draw ?? 0;
    // What was chosen among fillings depends on noise of positions that stay masked: each step has its own.
    const first = pick ? (block.draw + drawn) * this.drawsPerStep : drawn;
    const draw = first + ((await pick?.(first)) ?? 0);
    if ("policy" in choice && !memory && isPlain(options) && draw === 0) {
      return chosen(await rows.ask(unmask(sampler, choice.policy(state))).read(), positions);
    }
    const current = new Map(block.tentative.map((one) => [one.position, one]));
    const given = this.readsAll ? positions.map((position) => current.get(position)?.token ?? 0) : undefined;
    const how = { memory: memory ? { of: memory, positions } : undefined, draw, given };
    const measured = await rows.ask(measure(sampler, how)).read();
    const candidates = measured.map((row, i) => this.candidate(row, positions[i], current.get(positions[i])));
    const drawnAt = (i: number) => ({ position: positions[i], token: measured[i].token, logprob: measured[i].logprob });
    if (this.reviser) {
      const { commit, rewrite = [], remask, isSettled } = this.reviser.revise(candidates, state);
      const likeliest = rewrite.map((i) => ({ position: positions[i], ...measured[i].top }));
      return { written: [...commit.map(drawnAt), ...likeliest], remask, isSettled };
    }
    if ("choose" in choice) return written(choice.choose(candidates, state).map(drawnAt));
    return written("policy" in choice ? byPolicy(candidates, choice.policy(state), state.seed).map(drawnAt) : []);
  }

  /**
   * What the GPU is told in this step and in all later ones of the block. Empty where the CPU decides, or where how many masks a
   * step commits isn't known beforehand.
   */
  policies(block: Omit<BlockState, "options" | "seed">, seed: number): UnmaskPolicy[] {
    const { options, memory } = this;
    const { choice } = this.rule;
    if (!("policy" in choice) || memory || !isPlain(options)) return [];
    const policies: UnmaskPolicy[] = [];
    let { numCommitted, draw } = block;
    while (numCommitted < block.numMasks) {
      const policy = choice.policy({ ...block, numCommitted, draw, options, seed });
      if (policy.quota === undefined) return [];
      policies.push(policy);
      numCommitted += policy.quota;
      draw += policy.quota;
    }
    return policies;
  }

  private candidate(measured: Measured, position: number, at: Tentative | undefined): Candidate {
    const { divergence, given } = measured;
    const divergences = this.divergences.get(position) ?? [];
    this.divergences.set(position, divergences);
    if (divergence !== null) divergences.push(divergence);
    const current = at ? { token: at.token, logprob: given ?? at.logprob } : null;
    return { ...measured, position, logConfidence: logConfidence(measured, this.options), divergences, current };
  }
}

/** What the GPU chose of rows at these positions. */
export function chosen({ rows }: Unmasked, positions: readonly number[]): Choice {
  return written(rows.flatMap((row, i) => (row.commit ? [{ ...row, position: positions[i] }] : [])));
}

/** Makes a choice's edits; where it settles the block, its other tentative tokens become committed as they are. */
export function applyChoice(edit: Editor, choice: Choice, canvas: Canvas, tentative: readonly Tentative[]): void {
  const { written, remask, isSettled } = choice;
  const state = isSettled ? "committed" : "tentative";
  const slotAt = (position: number) => canvas.slots()[position].id;
  const changed = new Set([...remask, ...written.map(({ position }) => position)]);
  const settled = isSettled ? tentative.filter(({ position }) => !changed.has(position)) : [];
  for (const { position, token, logprob } of [...written, ...settled]) {
    edit.write(slotAt(position), token, state, logprob);
  }
  for (const position of remask) edit.write(slotAt(position), null, "mask");
}

/** The tentative ones of a block's slots, the first of which stands at `start`. */
export function tentativeOf(slots: readonly Slot[], start: number): Tentative[] {
  return slots.flatMap(({ state, token, logprob = 0 }, i) =>
    state === "tentative" && token !== null ? [{ position: start + i, token, logprob }] : [],
  );
}

function written(tokens: readonly Tentative[]): Choice {
  return { written: tokens, remask: [], isSettled: true };
}

function byPolicy(candidates: readonly Candidate[], policy: UnmaskPolicy, seed: number): number[] {
  const sureness = candidates.map(({ position, logConfidence: logprob }) => ({ position, logprob }));
  return chooseCommits(sureness, policy, seed).flatMap((isCommitted, i) => (isCommitted ? [i] : []));
}
