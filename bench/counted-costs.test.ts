import { expect, it } from "vitest";
import { predictedSpeedUp } from "../src/figures.js";
import { hashedModels, rehearse } from "../src/decode/rehearsal.js";
import { speculative } from "../src/decode/speculative.js";
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
  const costs = (waits: "none" | "verdicts" | "drafts") =>
    countedCosts(enqueued, { events, done, prices: FREE_ROWS, waits });
  // Two rounds of a verification of four rows, 1 + 3 · 0.5, and three drafts.
  expect(costs("none")).toEqual({ tokens: 8, verifying: 5, drafting: 1.5, waiting: 0 });
  expect(costs("verdicts").waiting).toBeCloseTo(0.2, 12);
  expect(costs("drafts").waiting).toBeCloseTo(0.8, 12);
  expect(predictedSpeedUp(costs("none"))).toBeCloseTo(8 / 6.5, 12);
  expect(forwards.take()).toEqual([]);
});
