// The verifier `product` on tabular models: its law by enumeration, and both ends of the share.
import { describe, expect, it } from "vitest";
import type { TokenId } from "../../../vocabulary/events.js";
import { conditional, type Joint, randomJoint, tabularLaw } from "../../../testing/laws.js";
import { mockModel } from "../../../backend/host/mock.js";
import { autoregressive } from "../../autoregressive/decoder.js";
import { hashedModels, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";
import { distance, enumeratedBySteps } from "../../../testing/tabular.js";

const [NUM_TOKENS, LENGTH] = [3, 4];
const MASK = NUM_TOKENS;
const FIRST = 2;
const [TARGET, DIFFUSION] = [randomJoint(5, NUM_TOKENS, LENGTH), randomJoint(9, NUM_TOKENS, LENGTH)];

function tabularPair() {
  const own = tabularLaw(TARGET, null);
  // The target likes the mask, which must not count in a product.
  const withMask = {
    ...own,
    logits: (...at: Parameters<typeof own.logits>) => Float64Array.from([...own.logits(...at), 3]),
  };
  const masked = { causal: false, inPlace: true, maskToken: MASK, blockLengths: [LENGTH] };
  const common = { vocabSize: NUM_TOKENS + 1, maxLength: LENGTH };
  return {
    target: mockModel({ law: withMask, capabilities: common }),
    draft: mockModel({ law: tabularLaw(DIFFUSION, MASK), capabilities: { ...common, ...masked } }),
  };
}

/** p_target^(1-r) p_diffusion^r behind these tokens. */
function product(known: readonly TokenId[], share: number): Float64Array {
  const of = (joint: Joint) =>
    conditional(
      joint,
      Array.from({ length: LENGTH }, (_, i) => known[i]),
      known.length,
    );
  const [p, q] = [of(TARGET), of(DIFFUSION)];
  const weights = p.map((value, id) => value ** (1 - share) * q[id] ** share);
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/** The law of the three tokens behind FIRST, if each is drawn from the product behind those before it. */
function productLaw(share: number): Float64Array {
  const law = new Float64Array(NUM_TOKENS ** 3);
  const walk = (known: TokenId[], probability: number) => {
    if (known.length === LENGTH) {
      law[known.slice(1).reduce((index, token) => index * NUM_TOKENS + token, 0)] += probability;
      return;
    }
    for (const [token, p] of product(known, share).entries()) walk([...known, token], probability * p);
  };
  walk([FIRST], 1);
  return law;
}

const DRAFTING = { drafter: "block-diffusion", draft_block_length: LENGTH, verifier: "product" };

async function draw(options: Record<string, unknown>) {
  const run = { decoder: speculative, models: tabularPair(), promptIds: [FIRST] };
  const { done } = await rehearse({ ...run, options: { max_new_tokens: 3, temperature: 1, ...DRAFTING, ...options } });
  return done;
}

describe("the product of target and diffusion model", () => {
  it.each([0.3, 0.7])(
    "is the law of a text of which each token is asked of both (share %d)",
    async (diffusion_share) => {
      const { target, draft } = tabularPair();
      const options = { ...DRAFTING, diffusion_share, num_assistant_tokens: 0 };
      const law = await enumeratedBySteps(speculative, target, options, { draft, prompt: [FIRST] });
      expect(distance(law, productLaw(diffusion_share))).toBeLessThan(1e-9);
      // Neither model's own law passes for it.
      for (const share of [0, 1]) {
        expect(distance(law, productLaw(share))).toBeGreaterThan(0.05);
      }
    },
  );

  it("says what a round's first token is, however many drafts there are", async () => {
    for (let seed = 0; seed < 60; seed++) {
      const [none, three] = await Promise.all(
        [0, 2].map((num_assistant_tokens) => draw({ num_assistant_tokens, seed })),
      );
      expect(three.ids[0]).toBe(none.ids[0]);
    }
  });
});

describe("the share of the diffusion model", () => {
  const models = hashedModels("block-drafts");
  const promptIds = Array.from({ length: 11 }, (_, i) => (i * 5) % 12);
  const common = { max_new_tokens: 40, temperature: 0.9, seed: 2 };
  const write = (options: Record<string, unknown>) => {
    const own = { drafter: "block-diffusion", verifier: "product", num_assistant_tokens: 5 };
    return rehearse({ decoder: speculative, models, promptIds, options: { ...common, ...own, ...options } });
  };
  const startOf = ({ events: [start] }: Awaited<ReturnType<typeof write>>) => start.type === "start" && start.fidelity;

  it("0 leaves the target's text as it is, and says so", async () => {
    const plain = await rehearse({ decoder: autoregressive, models, promptIds, options: common });
    const none = await write({ diffusion_share: 0 });
    expect(none.done.ids).toEqual(plain.done.ids);
    expect(startOf(none)).toBe("identical");
    const some = await write({});
    expect(some.done.ids).not.toEqual(plain.done.ids);
    expect(startOf(some)).toBe("approximate");
  });

  it("1 keeps every draft, and the token behind them is the diffusion model's too", async () => {
    const { done, events } = await write({ diffusion_share: 1 });
    expect(done.metrics.accepted).toBe(done.metrics.proposed);
    expect(stepsOf(events)).toHaveLength(Math.ceil(40 / 6));
    // A round more whose last token is a draft: the same noise, so the same token, if it was asked of the same model.
    const longer = await write({ diffusion_share: 1, num_assistant_tokens: 6, max_new_tokens: 6 });
    expect(longer.done.ids).toEqual(done.ids.slice(0, 6));
  });

  it("decides how many drafts are kept: the more, the more", async () => {
    const accepted: number[] = [];
    for (const diffusion_share of [0, 0.35, 0.7, 1]) {
      const { metrics } = (await write({ diffusion_share, max_new_tokens: 80 })).done;
      accepted.push(metrics.accepted / metrics.proposed);
    }
    expect(accepted).toEqual([...accepted].sort((a, b) => a - b));
    expect(accepted[3]).toBeGreaterThan(accepted[0] + 0.3);
  });

  it("never draws the mask, and refuses drafts whose laws it doesn't have", async () => {
    const { done } = await write({ diffusion_share: 0.5, temperature: 1.5, max_new_tokens: 80 });
    expect(done.ids).not.toContain(12);
    await expect(write({ draft_steps: 2 })).rejects.toThrow(
      /product multiplies the laws of one forward: draft_steps must be 1/,
    );
    await expect(write({ drafter: "suffix" })).rejects.toThrow(
      /verifier product multiplies .*drafter suffix doesn't draft so/,
    );
    await expect(write({ diffusion_share: 1.2 })).rejects.toThrow(/diffusion_share can't be 1.2/);
    await expect(write({ verifier: "coupling", diffusion_share: 0.5 })).rejects.toThrow(
      /option of the verifier product/,
    );
    await expect(write({ num_assistant_tokens_schedule: "heuristic" })).rejects.toThrow(/must be constant beside it/);
    const sure = { verifier: "coupling", num_assistant_tokens_schedule: "confidence" };
    await expect(write(sure)).rejects.toThrow(/block-diffusion can't say/);
  });
});
