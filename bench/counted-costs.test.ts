import { expect, it } from "vitest";
import { predictedSpeedUp } from "../src/vocabulary/figures.js";
import { hashedModels, rehearse } from "../src/testing/rehearsal.js";
import { speculative } from "../src/decode/speculative/decoder.js";
import { countedCosts, forwardsOf, type Prices } from "./counted-costs.js";

const PROMPT = [0, 3, 4, 1];
const FREE_ROWS: Prices = {
  target: { rows: [1, 2], ratio: [1, 1.5] },
  draft: { rows: [1, 2], ratio: [1, 1] },
  draftForward: 0.25,
  wait: 0.1,
};

it("counts what runs behind the first step: verifications by their rows, drafts, waits and tokens", async () => {
  // A draft model that is the target: each round writes four tokens out of three drafts.
  const models = { target: hashedModels("causal").target, draft: hashedModels("causal").target };
  const forwards = forwardsOf(models.target, models.draft);
  const options = { num_assistant_tokens: 3, max_new_tokens: 12, temperature: 1 };
  const { events, done } = await rehearse({ decoder: speculative, models, promptIds: PROMPT, options });
  expect(done.metrics).toMatchObject({ forwards: 3, accepted: 9 });
  const enqueued = forwards.take();
  const costs = (readsDrafts: boolean) => countedCosts(enqueued, { events, done, prices: FREE_ROWS, readsDrafts });
  // Two rounds of a verification of four rows, 1 + 3 · 0.5, and three drafts; none is waited for.
  expect(costs(false)).toEqual({ tokens: 8, verifying: 5, drafting: 1.5, waiting: 0 });
  expect(costs(true).waiting).toBeCloseTo(0.6, 12);
  expect(predictedSpeedUp(costs(false))).toBeCloseTo(8 / 6.5, 12);
  expect(forwards.take()).toEqual([]);
  const tree = { drafter: "tree", num_assistant_tokens: 1, max_new_tokens: 12, temperature: 1 };
  const waited = await rehearse({ decoder: speculative, models, promptIds: PROMPT, options: tree });
  const price = { ...waited, prices: FREE_ROWS, readsDrafts: false };
  // Six rounds of two tokens, each waited for.
  expect(countedCosts(forwards.take(), price).waiting).toBeCloseTo(0.5, 12);
});
