import type { Ask } from "../../../seam/asks.js";
import { scheduleAsks } from "../schedules/schedule.js";
import { TEXT_DRAFTS } from "../../../extension/text-drafts/key.js";
import { verify } from "../../../seam/questions/verify.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Pending, TokenRef } from "../../../seam/pending.js";
import type { Run, Step } from "../../decoder.js";
import { storeLongPrompt } from "../../long-prompt.js";
import { showVerdict, verifyRows } from "../verifiers/verification.js";
import { LateSchedule, plainBurst, roundLength } from "./rounds-ahead.js";
import type { DraftSource } from "../drafters/source.js";

/** What drafts on the device, without a model. */
export interface DeviceDrafter {
  /** The draft before each of `count` drafts, as in `Draft`. */
  parents(count: number): readonly number[];
  /** Drafts behind the target's kept tokens and `last`. */
  draft(last: TokenId | TokenRef, count: number): Pending<TokenId[]>;
  /** Its drafts are of the successors that verified rows teach. */
  isTaught: boolean;
}

/** What a source on the device consists of, besides its description. */
export interface DeviceSource extends Omit<DraftSource, "rounds" | "needs"> {
  open(run: Run): DeviceDrafter;
}

/** A draft source whose drafts are made on the device of what that holds. */
export function deviceSource({ open, ...description }: DeviceSource): DraftSource {
  const shape: readonly Ask[] = description.isChain ? [] : ["parents"];
  return {
    ...description,
    needs: (options) => ({ asks: ["verify", "keep", TEXT_DRAFTS, ...shape, ...scheduleAsks(options)] }),
    rounds: (run) => deviceRounds(run, open(run)),
  };
}

/**
 * Rounds that run ahead of what was read back, several in one submit: the next drafts follow from the verdict on the device.
 * The first round stores the prompt and drafts nothing, so that what is drafted doesn't depend on the cache.
 */
async function* deviceRounds(run: Run, drafter: DeviceDrafter): AsyncGenerator<Step, void, void> {
  const { canvas, target, options, sampler } = run;
  const schedule = new LateSchedule(options);
  const verifying = verify(sampler);
  let pending: readonly (TokenId | TokenRef)[] = storeLongPrompt(target, canvas.ids().slice(target.length));
  for (let isFirst = true; ; isFirst = false) {
    await schedule.observe();
    const numPlain = schedule.skip();
    if (numPlain > 0) {
      if ((yield* plainBurst(run, pending, numPlain)) === 0) return;
      await schedule.observeAll();
      pending = canvas.ids().slice(target.length);
      continue;
    }
    const most = await roundLength(run, pending.length, isFirst ? 0 : schedule.next());
    if (most < 0) return;
    const parents = drafter.parents(most);
    const numDrafts = parents.length;
    const drafts = numDrafts > 0 ? drafter.draft(pending[pending.length - 1], numDrafts) : null;
    const tokens = parents.flatMap((_, i) => drafts?.ref(i) ?? []);
    const rows = verifyRows(target, pending, { tokens, parents });
    const verdict = rows.ask(verifying);
    if (drafter.isTaught) target.beside(TEXT_DRAFTS).learn(rows);
    target.keep(verdict);
    pending = [verdict.ref("last")];
    const step = run.later(verdict, (edit, outcome) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(numDrafts, outcome.accepted);
    });
    schedule.push(numDrafts, verdict, step);
    yield step;
  }
}
