import { besideOf } from "../../companion.js";
import { MASK_TOKENS } from "../../../extension/mask-tokens/key.js";
import { draftQuestions } from "../../../seam/questions/draft.js";
import { InvalidOptionError, invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { MAX_MASK_ROWS } from "../../../seam/mask-rows.js";
import type { Ask } from "../../../seam/asks.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { Pending } from "../../../seam/pending.js";
import type { Session } from "../../../seam/session.js";
import type { Run, Step } from "../../decoder.js";
import { PIECE_ROWS } from "../../long-prompt.js";
import { numberOption, type OptionValues } from "../../options.js";
import { showVerdict } from "../verifiers/verification.js";
import { doubtOf, judgeAsks, judgeOf, restsBefore } from "../verifiers/judge.js";
import { scheduleOf } from "../schedules/schedule.js";
import type { DraftSource } from "./source.js";

/** Most masks in a group such that one fits behind each draft of as many, and the token before them. */
const MOST_QUADRATIC = Math.floor((Math.sqrt(4 * MAX_MASK_ROWS + 1) - 1) / 2);

/**
 * The target itself drafts ("Your LLM Knows the Future", arXiv 2507.11851): masks behind the tokens that it verifies say, by
 * an adapter that nothing else runs through, what comes further on; a sampler head turns their states into the next round's
 * chain. Quadratic: masks behind every draft, so that some stand behind whatever is kept; linear: behind the last one only,
 * so that a round after a rejected draft drafts nothing.
 */
export const mtp: DraftSource = {
  name: "mtp",
  label: "Mask tokens",
  summary: "Masks behind the verified tokens, by an adapter of the target, write the next chain",
  isChain: true,
  draws: "chain",
  numTokens: 3,
  authorsTokens: 8,
  needs: (options) => {
    const { target, draft } = judgeAsks(options);
    // Masks behind each draft are a tree.
    const laidOut: readonly Ask[] = options.mtp_layout === "quadratic" ? ["parents"] : [];
    return {
      asks: [...target, draft, "positions", ...laidOut],
      beside: { drafter: { key: MASK_TOKENS } },
    };
  },
  options: {
    mtp_layout: {
      type: "enum",
      label: "Masks laid out",
      doc: "quadratic: masks behind every draft; linear: behind the last one, so that the round after a rejected draft has none",
      values: ["quadratic", "linear"],
      default: "quadratic",
    },
  },
  check,
  rounds: mtpRounds,
};

function check(options: OptionValues, { numMasks }: Capabilities): void {
  const { mtp_layout: layout, verifier, num_assistant_tokens_schedule: schedule } = options;
  const wanted = numberOption(options, "num_assistant_tokens");
  const refuse = (message: string): never => {
    throw new InvalidOptionError(message);
  };
  if (numMasks > 0 && wanted > numMasks) {
    refuse(`num_assistant_tokens must be at most ${numMasks}, the masks of this model's adapter; got ${wanted}.`);
  }
  if (layout === "quadratic" && wanted > MOST_QUADRATIC) {
    refuse(
      `num_assistant_tokens must be at most ${MOST_QUADRATIC} with mtp_layout quadratic, not ${wanted}; linear takes more.`,
    );
  }
  if (layout === "linear" && verifier !== undefined && verifier !== "coupling") {
    refuse(
      `verifier ${String(verifier)} writes another text for other drafts, which mtp_layout linear makes depend on where a run began: choose quadratic, or verifier coupling.`,
    );
  }
  if (schedule === "adaptive") {
    refuse(
      "num_assistant_tokens_schedule adaptive doesn't know what the drafter mtp costs, whose masks are rows of the verification: choose constant, heuristic or confidence.",
    );
  }
}

async function* mtpRounds(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, target, capabilities, options, sampler } = run;
  const { session: head } = besideOf(run.beside, "drafter");
  invariant(head, "the draft source mtp runs with a session on the target's mask sampler");
  const schedule = scheduleOf(options);
  const judge = judgeOf(options, target, schedule.next());
  const asked = draftQuestions(sampler, judge.laws);
  const doubt = doubtOf(options);
  const isQuadratic = options.mtp_layout === "quadratic";
  const groupSize = groupSizeOf(options, capabilities);
  let group = readKnown(target, canvas.ids(), groupSize, capabilities);
  for (;;) {
    const ids = canvas.ids();
    // The final token of the round needs a place too.
    const limit = Math.min(schedule.next(), capabilities.maxLength - ids.length - 1);
    if (limit < 0) return;
    const most = restsBefore(options, canvas) ? 0 : Math.min(limit, group.length);
    const drafts: Pending<Selected[]>[] = [];
    while (drafts.length < most) {
      const i = drafts.length;
      // A mask stands where the token stands that the head reads beside its state.
      const rows = head.forward({
        tokens: [
          { token: i === 0 ? ids[ids.length - 1] : drafts[i - 1].ref(0), state: { of: "trunk", row: group[i] } },
        ],
        positions: [ids.length - 1 + i],
        attend: "causal",
        keep: 0,
      });
      const drawn = rows.ask(asked(i));
      const isSure = !doubt || (await doubt.isSure(drawn));
      if (isSure || !doubt?.drops) drafts.push(drawn);
      if (!isSure) break;
    }
    const pending = ids.slice(target.length);
    const keep = pending.length;
    const numDrafts = drafts.length;
    const numText = keep + numDrafts;
    const numGroups = isQuadratic ? numDrafts + 1 : 1;
    const room = capabilities.maxLength - target.length - numText;
    const size = Math.min(groupSize, Math.floor(room / numGroups));
    const masks = Array.from({ length: numGroups * size }, (_, i) => i % size);
    const verified = target.forward({
      tokens: [...pending, ...drafts.map((draft) => draft.ref(0)), ...masks.map((mask) => ({ mask }))],
      attend: numGroups === 1 || size === 0 ? "causal" : { parents: parentsOf(keep, numText, masks) },
      rows: Array.from({ length: numDrafts + 1 }, (_, i) => keep - 1 + i),
      hidden: size > 0,
      keep,
    });
    const verdict = judge.verdict(verified, sampler, drafts);
    target.keep(verdict);
    const outcome = await verdict.read();
    const { accepted } = outcome;
    const place = isQuadratic ? accepted : accepted === numDrafts ? 0 : null;
    group = place === null ? [] : Array.from({ length: size }, (_, i) => numText + place * size + i);
    schedule.observe(numDrafts, accepted);
    const parents = drafts.map((_, i) => i - 1);
    yield run.now((edit) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(numDrafts, accepted);
    });
  }
}

/** Masks in a group: as many as the next round may draft, if they fit. */
function groupSizeOf(options: OptionValues, { numMasks }: Capabilities): number {
  const most = options.mtp_layout === "quadratic" ? Math.min(numMasks, MOST_QUADRATIC) : numMasks;
  if (options.num_assistant_tokens_schedule === "heuristic") return most;
  return Math.min(most, numberOption(options, "num_assistant_tokens"));
}

/** A chain of `numText` rows, and a group of masks, which begin with mask 0, behind each from row `keep - 1` on. */
function parentsOf(keep: number, numText: number, masks: readonly number[]): number[] {
  const parents = Array.from({ length: numText }, (_, row) => row - 1);
  let anchor = keep - 1;
  for (const mask of masks) parents.push(mask === 0 ? anchor++ : parents.length - 1);
  return parents;
}

/**
 * Has the target read all but the last token in pieces, masks behind the last that it reads, and says which rows they are: so
 * a run that starts again drafts what it would have drafted. None behind a single token, or if there is nothing to draft.
 */
function readKnown(target: Session, ids: readonly TokenId[], groupSize: number, { maxLength }: Capabilities): number[] {
  const end = ids.length - 1;
  const size = Math.min(groupSize, maxLength - end);
  if (end === 0 || size === 0) return [];
  target.truncate(end - 1);
  for (;;) {
    const tokens = ids.slice(target.length, Math.min(target.length + PIECE_ROWS, end));
    const keep = tokens.length;
    const isLast = target.length + keep === end;
    const masks = isLast ? Array.from({ length: size }, (_, i) => i) : [];
    const all = [...tokens, ...masks.map((mask) => ({ mask }))];
    target.forward({ tokens: all, attend: "causal", rows: [], hidden: isLast, keep });
    if (isLast) return masks.map((mask) => keep + mask);
  }
}
