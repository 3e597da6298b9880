import type { Pending, Verdict } from "../../model/session.js";
import type { Run } from "../decoder.js";
import type { OptionValues } from "../options.js";
import { type Schedule, scheduleOf, VERDICT_LAG } from "./schedule.js";

interface Round {
  numDrafts: number;
  verdict: Pending<Verdict>;
}

/**
 * The schedule of rounds that run ahead of what was read back: it sees each verdict exactly `VERDICT_LAG` rounds late, however
 * fast results arrive, so that what is drafted repeats.
 */
export class LateSchedule {
  private readonly schedule: Schedule;
  private readonly learns: boolean;
  private readonly unseen: Round[] = [];

  constructor(options: OptionValues) {
    this.schedule = scheduleOf(options);
    const { num_assistant_tokens_schedule: name } = options;
    this.learns = name === "heuristic" || name === "adaptive";
  }

  /** Tokens to draft in the next round at most. */
  next(): number {
    return this.schedule.next();
  }

  /** Waits for the verdict that is due, if one is, has the schedule see it and returns it. */
  async observe(): Promise<{ verdict: Pending<Verdict>; outcome: Verdict } | null> {
    if (this.unseen.length < VERDICT_LAG) return null;
    const { numDrafts, verdict } = this.unseen[0];
    const outcome = await verdict.read();
    this.unseen.shift();
    this.schedule.observe(numDrafts, outcome.accepted);
    return { verdict, outcome };
  }

  /** A round is under way. */
  push(numDrafts: number, verdict: Pending<Verdict>): void {
    if (this.learns) this.unseen.push({ numDrafts, verdict });
  }
}

/**
 * Tokens to draft so that the round fits all contexts; negative when not even the pending token does.
 * Waits for the target's length only where it decides: the answer mustn't depend on what was read already.
 */
export async function roundLength(run: Run, numPending: number, wanted: number): Promise<number> {
  const { target, draft, capabilities, draftCapabilities } = run;
  const fits = (length: number) => {
    const written = length + numPending;
    const draftRoom = draft ? (draftCapabilities?.maxLength ?? 0) - written + 1 : wanted;
    return Math.min(capabilities.maxLength - written - 1, Math.max(0, draftRoom), wanted);
  };
  if (fits(target.maxLength) < wanted) await Promise.all([target.settle(), run.draft?.settle()]);
  return fits(target.maxLength);
}
