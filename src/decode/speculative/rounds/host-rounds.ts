import { TEXT_DRAFTS } from "../../../extension/text-drafts/key.js";
import type { Run, Step } from "../../decoder.js";
import type { OptionTable } from "../../options.js";
import { hindsightRounds } from "./hindsight-rounds.js";
import { lateRounds } from "./late-rounds.js";
import { scheduleAsks, scheduleOf } from "../schedules/schedule.js";
import { type Drafter, type DraftSetup, type DraftSource, NO_DRAFT } from "../drafters/source.js";
import { showVerdict, verifyDraft } from "../verifiers/verification.js";

/** What a source on the CPU consists of, besides its description. */
export interface HostSource extends Omit<DraftSource, "rounds" | "needs"> {
  /** Likeliest tokens of each verified row that its drafter is taught; left out: none are read back. */
  numTaught?: number;
  open(setup: DraftSetup): Drafter;
}

/** A draft source whose drafter runs on the CPU, on the ids of the canvas. */
export function hostSource({ open, numTaught = 0, ...description }: HostSource): DraftSource {
  const mayBeLate = description.isChain && numTaught === 0;
  return {
    ...description,
    options: mayBeLate ? { ...description.options, ...TIMING_OPTION } : description.options,
    needs: (options) => ({
      asks: [
        "verify",
        "keep",
        ...scheduleAsks(options),
        ...(numTaught > 0 ? (["topK"] as const) : []),
        ...(description.isChain ? [] : (["parents"] as const)),
        ...(options.draft_timing === "late" ? [TEXT_DRAFTS] : []),
      ],
    }),
    rounds(run) {
      const { options, capabilities, sampler } = run;
      const drafter = open({ options, capabilities, seed: sampler.seed });
      if (options.draft_timing === "late") return lateRounds(run, drafter);
      if (options.num_assistant_tokens_schedule === "adaptive") return hindsightRounds(run, drafter);
      return hostRounds(run, drafter, numTaught);
    },
  };
}

const TIMING_OPTION = {
  draft_timing: {
    type: "enum",
    label: "Drafts are made",
    doc: "on_time: the device waits for the draft; late: while the device verifies, from what was known before, which suits devices that wait long and compute fast. on_time unless given",
    values: ["on_time", "late"],
    default: "on_time",
  },
} as const satisfies OptionTable;

/**
 * Each round waits for its verdict, since the next draft follows from the ids: the GPU idles meanwhile. The first round
 * stores the prompt and drafts nothing, so that it may have any length and what is drafted doesn't depend on the cache.
 */
async function* hostRounds(run: Run, drafter: Drafter, numTaught: number): AsyncGenerator<Step, void, void> {
  const { canvas, target, capabilities, options } = run;
  const schedule = scheduleOf(options);
  const k = Math.min(numTaught, capabilities.vocabSize);
  for (let isFirst = true; ; isFirst = false) {
    const ids = canvas.ids();
    // The final token of the round needs a place too.
    const limit = Math.min(schedule.next(), capabilities.maxLength - ids.length - 1);
    if (limit < 0) return;
    const draft = isFirst || limit === 0 ? NO_DRAFT : drafter.draft(ids, limit);
    const { verdict, top } = verifyDraft(run, ids.slice(target.length), draft, k);
    const [outcome, taught] = await Promise.all([verdict.read(), top?.read()]);
    if (taught) {
      const tokens = [ids[ids.length - 1], ...draft.tokens];
      drafter.learn?.(taught.map((row, i) => ({ token: tokens[i], top: row.map(({ token }) => token) })));
    }
    schedule.observe(draft.tokens.length, outcome.accepted);
    yield run.now((edit) => {
      showVerdict(edit, draft.parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(draft.tokens.length, outcome.accepted);
    });
  }
}
