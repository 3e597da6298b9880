import { besideOf } from "../../companion.js";
import { sample } from "../../../seam/questions/sample.js";
import { verify } from "../../../seam/questions/verify.js";
import { InvalidOptionError, invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { TokenRef } from "../../../seam/pending.js";
import type { Rows } from "../../../seam/rows.js";
import type { Run, Step } from "../../decoder.js";
import { storeBlocks, storeLongPrompt } from "../../long-prompt.js";
import { numberOption, type OptionValues } from "../../options.js";
import { showVerdict } from "../verifiers/verification.js";
import { plainBurst } from "../rounds/rounds-ahead.js";
import { scheduleAsks, scheduleOf } from "../schedules/schedule.js";
import type { DraftSource } from "./source.js";

/**
 * A block-diffusion model fills in the next tokens, all of them in a few forwards (SpecDiff, arXiv 2408.05636, with blocks).
 * It draws with the target's noise of each position, so what the two models agree on is accepted, and no law of a joint
 * draw is needed. Each round waits for its verdict.
 */
export const blockDrafts: DraftSource = {
  name: "block-diffusion",
  label: "Block diffusion",
  summary: "A block-diffusion model fills in the next tokens, several in a forward",
  isChain: true,
  draws: "filled",
  numTokens: 4,
  needs: (options) => ({
    asks: ["verify", "keep", ...scheduleAsks(options), ...(isMixed(options) ? (["blend"] as const) : [])],
    beside: { drafter: { model: "second", block: Number(options.draft_block_length ?? 0), asks: ["sample"] } },
  }),
  options: {
    draft_block_length: {
      type: "integer",
      label: "Draft's block",
      doc: "Block length by which the draft model reads, one that it was trained on; 8 unless given",
      default: 8,
      min: 1,
    },
    draft_steps: {
      type: "integer",
      label: "Draft's forwards",
      doc: "Forwards for the drafts of a round, which share them from left to right; 1 unless given, one a draft at most",
      default: 1,
      min: 1,
      max: 64,
    },
  },
  check,
  rounds: blockRounds,
};

function check(options: OptionValues): void {
  const numSteps = numberOption(options, "draft_steps");
  const wanted = numberOption(options, "num_assistant_tokens");
  if (options.verifier === "product" && numSteps !== 1) {
    throw new InvalidOptionError(
      "verifier product multiplies the laws of one forward: draft_steps must be 1 beside it.",
    );
  }
  if (numSteps <= Math.max(1, wanted) || options.num_assistant_tokens_schedule === "heuristic") return;
  throw new InvalidOptionError(
    `draft_steps ${numSteps} share num_assistant_tokens ${wanted}, so at most ${wanted} of them draft: give at most as many.`,
  );
}

/** Whether the drafter's law counts beside the target's. */
function isMixed({ verifier, diffusion_share }: OptionValues): boolean {
  return verifier === "product" && Number(diffusion_share) > 0;
}

async function* blockRounds(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, target, capabilities, options } = run;
  const schedule = scheduleOf(options);
  const share = isMixed(options) ? numberOption(options, "diffusion_share") : 0;
  const draftChain = chainDrafter(run, share > 0);
  for (;;) {
    const ids = canvas.ids();
    const numPlain = schedule.skip?.() ?? 0;
    if (numPlain > 0) {
      if ((yield* plainBurst(run, ids.slice(target.length), numPlain)) === 0) return;
      continue;
    }
    // The final token of the round needs a place too.
    const room = capabilities.maxLength - ids.length - 1;
    if (room < 0) return;
    const { drafts, sampler, rows } = draftChain(ids, Math.min(schedule.next(), room));
    const pending = storeLongPrompt(target, ids.slice(target.length));
    const keep = pending.length;
    const verified = target.forward({
      tokens: [...pending, ...drafts],
      attend: "causal",
      rows: Array.from({ length: drafts.length + 1 }, (_, i) => keep - 1 + i),
      keep,
    });
    if (share > 0 && rows) verified.blend(rows, share);
    const verdict = verified.ask(verify(share > 0 ? sampler : run.sampler));
    target.keep(verdict);
    const outcome = await verdict.read();
    schedule.observe(drafts.length, outcome.accepted);
    const parents = drafts.map((_, i) => i - 1);
    yield run.now((edit) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(drafts.length, outcome.accepted);
    });
  }
}

/**
 * Drafts up to `limit` tokens behind `ids`, on the device. Whole blocks of the text are kept in the draft session. `asksNext`:
 * the last forward has a row for the token behind the drafts as well, if the draft model's context has room for it.
 */
function chainDrafter({ beside, options, sampler }: Run, asksNext: boolean) {
  const { session: draft, capabilities } = besideOf(beside, "drafter");
  const { maskToken, maxLength } = capabilities;
  invariant(maskToken !== null, "a block-diffusion drafter has a mask token");
  const block = numberOption(options, "draft_block_length");
  const numSteps = numberOption(options, "draft_steps");
  const own = { ...sampler, suppress: [...sampler.suppress, maskToken] };
  const drawing = sample(own);
  const lastBlockEnd = Math.floor(maxLength / block) * block;
  return (ids: readonly TokenId[], limit: number) => {
    // A block is read whole, so that its end must fit.
    const room = Math.max(0, lastBlockEnd - ids.length);
    const numDrafts = Math.min(limit, room);
    const numRows = asksNext ? Math.min(limit + 1, room) : numDrafts;
    let rows: Rows | null = null;
    const drafts: TokenRef[] = [];
    const stored = Math.floor(ids.length / block) * block;
    storeBlocks(draft, ids, { stored: block, offset: 0, attend: () => ({ block }) }, stored);
    let numFilled = 0;
    for (let left = Math.min(numSteps, numRows); left > 0; left--) {
      const { length: start } = draft;
      const known = [...ids.slice(start), ...drafts];
      const end = Math.ceil((ids.length + numRows) / block) * block;
      const first = known.length;
      const count = Math.ceil((numRows - numFilled) / left);
      rows = draft.forward({
        tokens: [...known, ...new Array<TokenId>(end - start - first).fill(maskToken)],
        attend: { block },
        rows: Array.from({ length: count }, (_, i) => first + i),
        keep: stored - start,
      });
      const drawn = rows.ask(drawing);
      for (let i = 0; i < count && drafts.length < numDrafts; i++) drafts.push(drawn.ref(i));
      numFilled += count;
    }
    return { drafts, rows, sampler: own };
  };
}
