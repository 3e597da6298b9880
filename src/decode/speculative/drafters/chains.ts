import { besideOf } from "../../companion.js";
import { draftQuestions } from "../../../seam/questions/draft.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { TokenRef } from "../../../seam/pending.js";
import type { Run, Step } from "../../decoder.js";
import { storeLongPrompt } from "../../long-prompt.js";
import { numberOption, type OptionValues } from "../../options.js";
import { judgeAsks, judgeOf } from "../verifiers/judge.js";
import { showVerdict } from "../verifiers/verification.js";
import { MAX_DRAFTS, type DraftSource } from "./source.js";

/** Most chains of a round. */
const MAX_CHAINS = 16;

/**
 * A small model draws several chains independently, each from its own law, for verifiers that compare them. All chains
 * take a step together; each round waits for its verdict, which tells the draft model what was kept.
 */
export const chains: DraftSource = {
  name: "chains",
  isChain: false,
  draws: "chains",
  label: "Draft model, several chains",
  summary: "A small model draws several chains independently",
  numTokens: 4,
  needs: (options) => {
    const { target, draft } = judgeAsks(options, Number(options.num_draft_chains));
    const asks = [draft, "parents"] as const;
    return { asks: [...target, "parents"], beside: { drafter: { model: "second", asks } } };
  },
  options: {
    num_draft_chains: {
      type: "integer",
      label: "Chains",
      doc: "Chains drawn independently, each of num_assistant_tokens tokens",
      default: 4,
      min: 1,
      max: MAX_CHAINS,
    },
  },
  check(options) {
    const [numChains, length] = shapeOf(options);
    if (numChains * length <= MAX_DRAFTS) return;
    throw new InvalidOptionError(
      `num_draft_chains ${numChains} of num_assistant_tokens ${length} are ${numChains * length} drafts; a verification takes ${MAX_DRAFTS}.`,
    );
  },
  rounds: chainsRounds,
};

async function* chainsRounds(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, target, capabilities, options, sampler } = run;
  const { session: draft, capabilities: draftCapabilities } = besideOf(run.beside, "drafter");
  const [numChains, wanted] = shapeOf(options);
  const judge = judgeOf(options, target, numChains * wanted, numChains);
  const asked = draftQuestions(sampler, judge.laws);
  const context = Math.min(capabilities.maxLength, draftCapabilities.maxLength);
  for (;;) {
    const ids = canvas.ids();
    if (ids.length >= capabilities.maxLength) return;
    // All drafts lie in the cache behind the text for a while, and the token behind the accepted ones needs a place too.
    const room = context - ids.length;
    const length = Math.max(0, Math.min(wanted, Math.floor(room / numChains), room - 1));
    const numDrafts = numChains * length;
    const parents = Array.from({ length: numDrafts }, (_, i) => Math.max(i - numChains, -1));
    const drafts: TokenRef[] = [];
    for (let depth = 0; depth < length; depth++) {
      const tokens = depth === 0 ? ids.slice(draft.length) : drafts;
      const numRows = tokens.length;
      const rows = draft.forward({
        tokens: [...tokens],
        attend: depth === 0 ? "causal" : { parents: parents.slice(0, numRows) },
        rows: Array.from({ length: numChains }, (_, chain) =>
          depth === 0 ? numRows - 1 : numRows - numChains + chain,
        ),
        keep: depth === 0 ? numRows : 0,
      });
      const drawn = rows.ask(asked(depth));
      for (let chain = 0; chain < numChains; chain++) drafts.push(drawn.ref(chain));
    }
    const pending = storeLongPrompt(target, ids.slice(target.length));
    const keep = pending.length;
    const verified = target.forward({
      tokens: [...pending, ...drafts],
      attend: { parents: [...pending.map((_, row) => row - 1), ...parents.map((parent) => keep + parent)] },
      rows: Array.from({ length: numDrafts + 1 }, (_, i) => keep - 1 + i),
      keep,
    });
    const verdict = judge.verdict(verified, sampler);
    target.keep(verdict);
    const outcome = await verdict.read();
    yield run.now((edit) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(numDrafts, outcome.accepted);
    });
  }
}

function shapeOf(options: OptionValues): [numChains: number, length: number] {
  return [numberOption(options, "num_draft_chains"), numberOption(options, "num_assistant_tokens")];
}
