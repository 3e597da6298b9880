import { describe, expect, it } from "vitest";
import type { Canvas } from "../../../vocabulary/canvas.js";
import { autoregressive } from "../../autoregressive/decoder.js";
import { hashedModels, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";

const RUN = { models: hashedModels("causal"), promptIds: [0, 3, 4, 1] };
const write = (options: Record<string, unknown>, decoder = speculative) =>
  rehearse({ ...RUN, decoder, options: { max_new_tokens: 24, seed: 3, ...options } });

const LAWFUL: [verifier: string, options: Record<string, unknown>][] = [
  ["rejection", { verifier: "rejection" }],
  ["block", { verifier: "block" }],
  ["kseq", { verifier: "kseq", drafter: "chains", num_draft_chains: 3 }],
  ["recursive", { verifier: "recursive", drafter: "chains", num_draft_chains: 3 }],
  ["recursive", { verifier: "recursive", drafter: "chains", num_draft_chains: 3, first_drafts: "distinct" }],
];

/** What leaves one token to every law. */
const CERTAIN: [options: Record<string, unknown>, named: RegExp][] = [
  [{ temperature: 0 }, /compares laws, and temperature 0 leaves one token to each.*verifier coupling/],
  [{ top_k: 1 }, /top_k 1 leaves one token/],
  [{ min_p: 1 }, /min_p 1 leaves one token/],
  [{ top_p: 1 / 13 }, /top_p 0.0769.* leaves one token/],
];

describe.each(LAWFUL)("verifier %s", (verifier, own) => {
  it("says that its text has the law", async () => {
    const { events } = await write({ ...own, temperature: 1 });
    expect(events[0]).toMatchObject({ type: "start", fidelity: "distribution", options: { verifier } });
  });

  it.each(CERTAIN)(
    "is refused where laws have one token, and its chains would be equal: %o",
    async (certain, named) => {
      await expect(write({ ...own, temperature: 1, ...certain })).rejects.toThrow(named);
    },
  );

  it("accepts some drafts and not others, and all of a draft model that is the target", async () => {
    const { done } = await write({ ...own, temperature: 1 });
    expect(done.metrics.accepted).toBeGreaterThan(0);
    expect(done.metrics.accepted).toBeLessThan(done.metrics.proposed);
    const { target } = RUN.models;
    const options = { max_new_tokens: 25, seed: 3, ...own, temperature: 1 };
    const same = await rehearse({ ...RUN, models: { target, draft: target }, decoder: speculative, options });
    // Five rounds of four drafts, in each chain, and a token of the target's own.
    const proposed = 20 * Number(own.num_draft_chains ?? 1);
    expect(same.done.metrics).toMatchObject({ accepted: 20, proposed, forwards: 5 });
  });

  it("writes another text than autoregressive, with log-probabilities of the target's own law", async () => {
    const { canvas, done } = await write({ ...own, temperature: 1 });
    expect(done.ids).not.toEqual((await write({ temperature: 1 }, autoregressive)).done.ids);
    await expectOwnLogprobs(canvas);
  });

  it("is refused beside a schedule that its text would depend on", async () => {
    const schedule = { ...own, temperature: 1, num_assistant_tokens_schedule: "heuristic" };
    await expect(write(schedule)).rejects.toThrow(/must be constant beside it, not heuristic/);
  });
});

/** What autoregressive gives these tokens where nothing else may be drawn. */
async function expectOwnLogprobs(canvas: Canvas) {
  const ids = canvas.ids();
  for (const [i, { token, logprob }] of canvas.completion().entries()) {
    const only = { max_new_tokens: 1, logit_bias: { [Number(token)]: 1e6 } };
    const at = { ...RUN, promptIds: ids.slice(0, RUN.promptIds.length + i) };
    const forced = await rehearse({ ...at, decoder: autoregressive, options: only });
    expect(forced.canvas.completion()[0]).toMatchObject({ token, logprob });
  }
}

const DISTINCT = {
  verifier: "recursive",
  drafter: "chains",
  first_drafts: "distinct",
  num_assistant_tokens: 2,
  temperature: 1,
};

describe("verifiers compare what they can compare", () => {
  it.each([
    [{ verifier: "rejection", drafter: "suffix" }, /drafter suffix doesn't draft so: choose verifier coupling/],
    [{ verifier: "typical", drafter: "recycling" }, /without a memory, and the drafter recycling/],
    [{ verifier: "block", drafter: "chains" }, /drafts of one chain.*drafter chains.*kseq or recursive or typical/],
    [{ drafter: "chains" }, /verifier coupling compares .* choose verifier kseq or recursive or typical/],
    [{ verifier: "kseq" }, /several chains.*drafter model doesn't draft so/],
    [{ verifier: "bild", temperature: 0.5 }, /bild is greedy: temperature must be 0/],
    [{ verifier: "rejection", posterior_alpha: 0.1 }, /option of the verifier typical, not of rejection/],
    [
      { verifier: "kseq", drafter: "chains", first_drafts: "distinct" },
      /option of the verifier recursive, not of kseq/,
    ],
    [{ ...DISTINCT, num_draft_chains: 1 }, /num_draft_chains 1 leaves one/],
    [{ ...DISTINCT, num_draft_chains: 14 }, /needs as many tokens, and the vocabulary leaves 13/],
    [{ ...DISTINCT, num_draft_chains: 3, top_k: 2 }, /needs as many tokens, and top_k leaves 2/],
    [
      { verifier: "typical", temperature: 1, posterior_threshold: 0.3 },
      /posterior_threshold 0.3 changes nothing beside/,
    ],
    [
      { verifier: "typical", temperature: 1, posterior_threshold: 0, posterior_alpha: 0.2 },
      /posterior_alpha 0.2 changes/,
    ],
    [
      { verifier: "typical", temperature: 1, posterior_alpha: 1, posterior_threshold: 0.05 },
      /posterior_alpha 1 changes/,
    ],
    [{ verifier: "bild", rollback_rule: "literal", num_assistant_tokens: 1 }, /1 leaves nothing there/],
    [{ verifier: "bild", rollback_threshold: 0 }, /rollback_threshold can't be 0: give a number above 0/],
    [{ verifier: "bild", fallback_threshold: 1.1 }, /fallback_threshold can't be 1.1/],
    [{ verifier: "typical", posterior_threshold: 2 }, /posterior_threshold can't be 2: give a number from 0 to 1/],
    [{ verifier: "kseq", drafter: "chains", num_draft_chains: 9, num_assistant_tokens: 8 }, /are 72 drafts.*takes 64/],
  ])("%o is refused", async (options, message) => {
    await expect(write(options)).rejects.toThrow(message);
  });

  it("takes as many drafts as a verification has rows for", async () => {
    const options = {
      verifier: "kseq",
      drafter: "chains",
      num_draft_chains: 8,
      num_assistant_tokens: 8,
      temperature: 1,
    };
    const { done } = await rehearse({
      ...RUN,
      models: hashedModels("causal", { maxLength: 128 }),
      decoder: speculative,
      options: { ...options, max_new_tokens: 9 },
    });
    expect(done.metrics.proposed % 64).toBe(0);
  });
});

describe("verifier typical", () => {
  it("is approximate, and keeps more of the drafts the lower its limits", async () => {
    const counts = [];
    for (const [posterior_threshold, posterior_alpha] of [
      [0.9, 1],
      [0.2, 1],
      [0.09, 0.3],
      [0, 0.3],
    ]) {
      const options = { verifier: "typical", temperature: 1, posterior_threshold, posterior_alpha };
      const { events, done, canvas } = await write(options);
      expect(events[0]).toMatchObject({ fidelity: "approximate" });
      await expectOwnLogprobs(canvas);
      counts.push(done.metrics.accepted / done.metrics.proposed);
    }
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts[3]).toBe(1);
  });

  it("has its authors' limits unless others are given", async () => {
    const { events } = await write({ verifier: "typical", temperature: 1 });
    expect(events[0]).toMatchObject({ options: { posterior_threshold: 0.09, posterior_alpha: 0.3 } });
  });

  it.each(CERTAIN)("is refused where laws have one token: %o", async (certain, named) => {
    await expect(write({ verifier: "typical", temperature: 1, ...certain })).rejects.toThrow(named);
    await expect(write({ verifier: "typical", drafter: "chains", temperature: 1, ...certain })).rejects.toThrow(named);
  });

  it("compares chains that differ, each drawn by noise of its own", async () => {
    const chains = { verifier: "typical", drafter: "chains", num_draft_chains: 4, num_assistant_tokens: 3 };
    const { events } = await write({ ...chains, temperature: 1 });
    const different = stepsOf(events).map(({ edits }) => {
      const drafts = edits.flatMap((edit) => (edit.op === "insert" && edit.state === "draft" ? [edit.token] : []));
      // Draft d K + c is the one of depth d in chain c.
      return new Set([0, 1, 2, 3].map((chain) => drafts.filter((_, i) => i % 4 === chain).join())).size;
    });
    expect(Math.min(...different)).toBeGreaterThan(1);
    expect(Math.max(...different)).toBe(4);
  });
});
