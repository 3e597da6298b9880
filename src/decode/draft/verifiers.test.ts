import { describe, expect, it } from "vitest";
import type { Canvas } from "../../canvas.js";
import { autoregressive } from "../autoregressive.js";
import { hashedModels, promptCanvas, rehearse, stepsOf } from "../rehearsal.js";
import { speculative } from "../speculative.js";

const RUN = { models: hashedModels("causal"), promptIds: [0, 3, 4, 1] };
const write = (options: Record<string, unknown>, decoder = speculative) =>
  rehearse({ ...RUN, decoder, options: { max_new_tokens: 24, seed: 3, ...options } });
const greedy = async () => (await write({ temperature: 0 }, autoregressive)).done.ids;

const LAWFUL: [verifier: string, options: Record<string, unknown>][] = [
  ["rejection", { verifier: "rejection" }],
  ["block", { verifier: "block" }],
  ["kseq", { verifier: "kseq", drafter: "chains", num_draft_chains: 3 }],
  ["recursive", { verifier: "recursive", drafter: "chains", num_draft_chains: 3 }],
  ["recursive", { verifier: "recursive", drafter: "chains", num_draft_chains: 3, first_drafts: "distinct" }],
];

describe.each(LAWFUL)("verifier %s", (verifier, own) => {
  it("says that its text has the law, and at temperature 0 writes the greedy text", async () => {
    const { events, done } = await write({ ...own, temperature: 0 });
    expect(events[0]).toMatchObject({ type: "start", fidelity: "distribution", options: { verifier } });
    expect(done.ids).toEqual(await greedy());
    expect(done.metrics.accepted).toBeGreaterThan(0);
  });

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
    const schedule = { ...own, num_assistant_tokens_schedule: "heuristic" };
    await expect(write(schedule)).rejects.toThrow(/must be constant beside it, not heuristic/);
    expect((await write(own)).done.reason).toBe("length");
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
  it("is approximate, keeps more of the drafts the lower its limits, and at temperature 0 only the greedy text", async () => {
    const counts = [];
    for (const posterior_threshold of [1, 0.2, 0.05, 0]) {
      const options = { verifier: "typical", temperature: 1, posterior_threshold, posterior_alpha: 1 };
      const { events, done, canvas } = await write(options);
      expect(events[0]).toMatchObject({ fidelity: "approximate" });
      await expectOwnLogprobs(canvas);
      counts.push(done.metrics.accepted / done.metrics.proposed);
    }
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts[3]).toBe(1);
    expect((await write({ verifier: "typical", temperature: 0 })).done.ids).toEqual(await greedy());
  });
});

describe("verifier bild", () => {
  const bild = (options: Record<string, unknown>) => write({ verifier: "bild", ...options });
  /** What the draft model would write by itself, behind the target's first token. */
  const draftText = async () => {
    const { done } = await rehearse({
      ...RUN,
      models: { target: RUN.models.draft, draft: RUN.models.draft },
      decoder: autoregressive,
      options: { max_new_tokens: 4 },
    });
    return done.ids;
  };

  it("writes the target's greedy text where no draft is sure enough, and where nothing is forgiven", async () => {
    const { events, done, canvas } = await bild({ fallback_threshold: 1.01 });
    expect(events[0]).toMatchObject({ fidelity: "approximate" });
    expect(done.ids).toEqual(await greedy());
    expect(done.metrics.accepted).toBe(0);
    await expectOwnLogprobs(canvas);
    expect((await bild({ fallback_threshold: 0, rollback_threshold: 0 })).done.ids).toEqual(await greedy());
  });

  it("writes the draft model's text where all is sure enough and forgiven", async () => {
    const { done, canvas } = await bild({ fallback_threshold: 0, rollback_threshold: 1000 });
    expect(done.ids.slice(0, 4)).toEqual(await draftText());
    expect(done.ids).not.toEqual(await greedy());
    expect(done.metrics.accepted).toBe(done.metrics.proposed);
    await expectOwnLogprobs(canvas);
  });

  it("asks less of the target the less it takes back", async () => {
    const forwards = [];
    for (const rollback_threshold of [0, 1, 2, 1000]) {
      forwards.push((await bild({ fallback_threshold: 0.2, rollback_threshold })).done.metrics.forwards);
    }
    expect(forwards).toEqual(forwards.toSorted((a, b) => b - a));
    expect(forwards[3]).toBeLessThan(forwards[0]);
  });

  it("cancelled after any step and written on ends as if it never was", async () => {
    const options = { fallback_threshold: 0.2, rollback_threshold: 2 };
    const whole = await bild(options);
    const request = { ...RUN, decoder: speculative, options: { verifier: "bild", max_new_tokens: 24, ...options } };
    for (let stopAfter = 1; stopAfter < stepsOf(whole.events).length; stopAfter++) {
      const abort = new AbortController();
      let seen = 0;
      const onEvent = ({ type }: { type: string }) => {
        if (type === "step" && ++seen === stopAfter) abort.abort();
      };
      const canvas = promptCanvas(RUN.promptIds);
      const cut = await rehearse({ ...request, canvas, onEvent, signal: abort.signal });
      const rest = await rehearse({ ...request, canvas: cut.canvas });
      expect(rest.done.ids).toEqual(whole.done.ids);
    }
  });
});
