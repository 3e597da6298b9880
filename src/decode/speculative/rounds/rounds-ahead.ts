import type { TokenId } from "../../../vocabulary/events.js";
import type { Verdict } from "../../../seam/questions/verify.js";
import type { Pending, TokenRef } from "../../../seam/pending.js";
import { plainSteps } from "../../plain-steps.js";
import type { Run, Step } from "../../decoder.js";
import type { OptionValues } from "../../options.js";
import { type Schedule, scheduleOf, VERDICT_LAG } from "../schedules/schedule.js";

interface Round {
  numDrafts: number;
  verdict: Pending<Verdict>;
  step: Step;
}

/**
 * The schedule of rounds that run ahead of what was read back: it sees each verdict exactly `VERDICT_LAG` rounds late, however
 * fast results arrive, so that what is drafted repeats.
 */
export class LateSchedule {
  private readonly learns: boolean;
  private readonly unseen: Round[] = [];

  constructor(
    options: OptionValues,
    private readonly schedule: Schedule = scheduleOf(options, { lag: VERDICT_LAG - 1 }),
  ) {
    const { num_assistant_tokens_schedule: name } = options;
    this.learns = name === "heuristic" || name === "adaptive";
  }

  /** Tokens to draft in the next round at most. */
  next(): number {
    return this.schedule.next();
  }

  /** As `Schedule.skip`. */
  skip(): number {
    return this.schedule.skip?.() ?? 0;
  }

  /** Waits for the verdict that is due, if one is, has the schedule see it and returns it. */
  async observe(): Promise<{ verdict: Pending<Verdict>; outcome: Verdict } | null> {
    if (this.unseen.length < VERDICT_LAG) return null;
    const { numDrafts, verdict, step } = this.unseen[0];
    const outcome = await verdict.read();
    step.isKnown = true;
    this.unseen.shift();
    this.schedule.observe(numDrafts, outcome.accepted);
    return { verdict, outcome };
  }

  /** Has the schedule see all verdicts there are: behind tokens that were waited for anyway. */
  async observeAll(): Promise<void> {
    for (const { numDrafts, verdict } of this.unseen.splice(0)) {
      this.schedule.observe(numDrafts, (await verdict.read()).accepted);
    }
  }

  /** A round is under way, whose verdict that step shows. */
  push(numDrafts: number, verdict: Pending<Verdict>, step: Step): void {
    if (!this.learns) return;
    this.unseen.push({ numDrafts, verdict, step });
    // Asked for now, so that it is here when it is due; a failure is reported there.
    verdict.read().catch(() => undefined);
  }
}

/**
 * So many tokens without drafts behind the `pending` ones, as plain decoding writes them; fewer where the context may end. The canvas
 * and the sessions' lengths are known afterwards. Returns how many.
 */
export async function* plainBurst(
  run: Run,
  pending: readonly (TokenId | TokenRef)[],
  count: number,
): AsyncGenerator<Step, number, void> {
  const { target, capabilities } = run;
  // The last token needs no place in the cache, and one on the canvas. Before verdicts are read the length is at most this.
  const room = () => capabilities.maxLength - target.maxLength - pending.length;
  if (room() <= 0) await target.settle();
  const numPlain = Math.min(count, room());
  if (numPlain > 0) yield* plainSteps(run, undefined, numPlain, pending);
  await Promise.all([target.settle(), run.beside.drafter?.session.settle()]);
  return Math.max(0, numPlain);
}

/**
 * Tokens to draft so that the round fits all contexts; negative when not even the pending token does.
 * Waits for the target's length only where it decides: the answer mustn't depend on what was read already.
 */
export async function roundLength(run: Run, numPending: number, wanted: number): Promise<number> {
  const { target, capabilities } = run;
  const { drafter } = run.beside;
  const fits = (length: number) => {
    const written = length + numPending;
    const draftRoom = drafter ? drafter.capabilities.maxLength - written + 1 : wanted;
    return Math.min(capabilities.maxLength - written - 1, Math.max(0, draftRoom), wanted);
  };
  if (fits(target.maxLength) < wanted) await Promise.all([target.settle(), run.beside.drafter?.session.settle()]);
  return fits(target.maxLength);
}
