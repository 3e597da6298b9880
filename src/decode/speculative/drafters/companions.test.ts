// What a drafter's session holds costs or saves time and never shows in the text: so it is looked at here.
import { EAGLE } from "../../../extension/eagle/key.js";
import { earlyExit } from "../../../extension/early-exit/key.js";
import { sample } from "../../../seam/questions/sample.js";
import { describe, expect, it } from "vitest";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Model } from "../../../seam/model.js";
import type { Sampler } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { GREEDY } from "../../../seam/sampler.js";
import { IS_WHOLE } from "../../../testing/test-depth.js";
import { hashedModels, type Rehearsal, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";

const PROMPT = [0, 3, 4, 1];
const SAMPLED = { temperature: 1, seed: 4, max_new_tokens: 60 };
/** Drafts nothing for many tokens where drafts are seldom right, then reads those and drafts something, since reading them is cheap. */
const SELDOM = {
  num_assistant_tokens_schedule: "adaptive",
  forward_costs: { 1: 1, 2: 1.5, 64: 1.6 },
  draft_cost: 0.02,
};

/** How many drafts of the last round go beyond the text's end is chance. */
const SEEDS = Array.from({ length: IS_WHOLE ? 60 : 8 }, (_, seed) => seed);

interface Case {
  drafter: string;
  options?: Record<string, unknown>;
  kind?: "block-drafts";
  /** The session that drafts. */
  companion?: (target: Session) => Session;
  /** What it should hold of a text. */
  held?: (ids: readonly TokenId[]) => readonly TokenId[];
  /** Drafts that were wrong stay in it until the next round. */
  isUntidy?: true;
  /** It reads nothing while tokens are written plainly, perhaps to the text's end. */
  mayRest?: true;
}

const CASES: Case[] = [
  { drafter: "model" },
  { drafter: "model", options: { num_assistant_tokens_schedule: "heuristic" } },
  { drafter: "model", options: { num_assistant_tokens_schedule: "confidence", assistant_confidence_threshold: 0.2 } },
  { drafter: "model", options: SELDOM, mayRest: true },
  { drafter: "model", options: { verifier: "block" } },
  { drafter: "tree" },
  { drafter: "chains", options: { verifier: "recursive" } },
  { drafter: "block-diffusion", kind: "block-drafts" },
  { drafter: "early-exit", companion: (target) => target.beside(earlyExit(2)) },
  { drafter: "early-exit", options: SELDOM, mayRest: true, companion: (target) => target.beside(earlyExit(2)) },
  { drafter: "eagle", companion: (target) => target.beside(EAGLE), held: (ids) => ids.slice(1) },
  { drafter: "retokenized", isUntidy: true },
];

describe.each(CASES)("the session of the drafter $drafter with $options", (at) => {
  const { drafter, options, kind = "causal", companion, held = (ids) => ids, isUntidy, mayRest } = at;
  const run = (seed: number) =>
    rehearse({
      decoder: speculative,
      models: hashedModels(kind),
      promptIds: PROMPT,
      options: { drafter, ...SAMPLED, seed, ...options },
    });
  const sessionOf = ({ target, draft }: Rehearsal) => companion?.(target) ?? (draft as Session);

  it.each(SEEDS)(
    "holds the canvas's ids and nothing else, and reads each a few times at most, seed %i",
    async (seed) => {
      const rehearsal = await run(seed);
      const { canvas, done } = rehearsal;
      const session = sessionOf(rehearsal);
      await session.settle();
      const { length, counts } = session;
      const ids = held(canvas.ids());
      const matching = session.match(ids);
      if (!isUntidy) expect(length).toBe(matching);
      // A block-diffusion model keeps whole blocks.
      if (!mayRest) expect(matching).toBeGreaterThan(ids.length - 16);
      const { proposed, forwards } = done.metrics;
      const rows = kind === "causal" ? 2 * forwards + 2 * proposed : 16 * forwards;
      expect(counts.rows).toBeLessThanOrEqual(ids.length + rows);
    },
  );
});

// With seed 18 a try is right after tokens that were written plainly, and the next draft reads its tokens by what they are.
describe.each([{}, { num_assistant_tokens_schedule: "heuristic" }, SELDOM, { ...SELDOM, seed: 18 }])(
  "drafts of the drafter model, %o",
  (own) => {
    it("are those of a new session that reads the text", async () => {
      const models = hashedModels("causal", { maxLength: 200 }, { share: 0.6 });
      const options = { ...SAMPLED, num_assistant_tokens: 3, max_new_tokens: 190, ...own };
      const { events } = await rehearse({ decoder: speculative, models, promptIds: PROMPT, options, lookahead: 1 });
      const ids = [...PROMPT];
      let numChecked = 0;
      for (const { edits } of stepsOf(events)) {
        const drafts = edits.flatMap((edit) => (edit.op === "insert" && edit.state === "draft" ? [edit.token] : []));
        expect(drafts).toEqual(await chain(models.draft, ids, drafts.length, options.seed));
        numChecked += drafts.length;
        for (const edit of edits) {
          if (edit.op === "write") ids.push(edit.token as number);
          if (edit.op === "insert" && edit.state === "committed") ids.push(edit.token as number);
        }
      }
      expect(numChecked).toBeGreaterThan(2);
    });
  },
);

/** What a model drafts behind `ids` by the run's noise. */
async function chain(model: Model, ids: readonly TokenId[], length: number, seed: number): Promise<TokenId[]> {
  const sampler: Sampler = { ...GREEDY, temperature: SAMPLED.temperature, seed };
  const drafts: TokenId[] = [];
  const session = model.session();
  let tokens = ids;
  while (drafts.length < length) {
    const rows = session.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length });
    const [{ token }] = await rows.ask(sample(sampler)).read();
    drafts.push(token);
    tokens = [token];
  }
  return drafts;
}
