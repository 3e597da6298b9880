// Big Little Decoder against its authors' loop, written anew on the models' logits.
import { describe, expect, it } from "vitest";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Model } from "../../../seam/model.js";
import { argmax, softmax } from "../../../sampling/processors.js";
import { autoregressive } from "../../autoregressive/decoder.js";
import { hashedModels, promptCanvas, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";

const MODELS = hashedModels("causal");
const RUN = { models: MODELS, promptIds: [0, 3, 4, 1] };
const LENGTH = 40;
const bild = (options: Record<string, unknown>) =>
  rehearse({ ...RUN, decoder: speculative, options: { verifier: "bild", max_new_tokens: LENGTH, ...options } });
const greedy = async (model: Model, promptIds: readonly TokenId[], max_new_tokens = LENGTH) => {
  const { done } = await rehearse({
    models: { target: model },
    promptIds,
    decoder: autoregressive,
    options: { max_new_tokens },
  });
  return done.ids;
};

interface Limits {
  fallback: number;
  rollback: number;
  isLiteral: boolean;
  most: number;
}

/** A model's law behind a text. */
async function lawBehind(model: Model, ids: readonly TokenId[]): Promise<Float64Array> {
  const rows = model.session().forward({ tokens: [...ids], attend: "causal", rows: "last", keep: ids.length });
  return softmax(Float64Array.from(await rows.logits()));
}

/**
 * The loop: the large model first, which reads what the small one wrote, takes back from the first draft whose -log p is over
 * the limit unless it would write it too, and writes a token; behind one that it took back it stays. The small one writes on
 * until its likeliest token has too small a probability, which it drops.
 */
async function authorsLoop({ target, draft }: { target: Model; draft: Model }, limits: Limits) {
  const text = [...RUN.promptIds];
  const end = text.length + LENGTH;
  const counts = { forwards: 0, draftForwards: 0, proposed: 0, accepted: 0 };
  let staysLarge = true;
  while (text.length < end) {
    const drafts: TokenId[] = [];
    while (!staysLarge && drafts.length < limits.most) {
      const law = await lawBehind(draft, [...text, ...drafts]);
      counts.draftForwards++;
      if (Math.max(...law) < limits.fallback) break;
      drafts.push(argmax(law));
    }
    counts.forwards++;
    counts.proposed += drafts.length;
    staysLarge = false;
    let kept = drafts.length;
    for (const [i, token] of drafts.entries()) {
      const law = await lawBehind(target, [...text, ...drafts.slice(0, i)]);
      if (-Math.log(law[token]) <= limits.rollback) continue;
      if (argmax(law) !== token) {
        kept = i;
        staysLarge = true;
      } else if (!limits.isLiteral) continue;
      break;
    }
    counts.accepted += kept;
    text.push(...drafts.slice(0, kept));
    text.push(argmax(await lawBehind(target, text)));
  }
  return { ids: text.slice(RUN.promptIds.length, end), counts };
}

describe("verifier bild, handing over as published", () => {
  const thresholds = [0, 0.3, 0.5, 0.7].flatMap((fallback) => [0.5, 2, 1000].map((rollback) => [fallback, rollback]));

  it.each(thresholds)(
    "writes its authors' text with as many forwards of both models: fallback %d, rollback %d",
    async (fallback, rollback) => {
      for (const isLiteral of [false, true]) {
        const most = 5;
        const expected = await authorsLoop(MODELS, { fallback, rollback, isLiteral, most });
        const { done } = await bild({
          fallback_threshold: fallback,
          rollback_threshold: rollback,
          rollback_rule: isLiteral ? "literal" : "corrected",
          num_assistant_tokens: most,
        });
        expect(done.ids).toEqual(expected.ids);
        expect(done.metrics).toMatchObject(expected.counts);
      }
    },
  );

  it("is near the target's law and says so, with log-probabilities of its own, and 10 drafts unless told", async () => {
    const { events, canvas } = await bild({});
    const options = {
      num_assistant_tokens: 10,
      fallback_threshold: 0.6,
      rollback_threshold: 5,
      fallback_rule: "hand_over",
    };
    expect(events[0]).toMatchObject({ fidelity: "approximate", options });
    const ids = canvas.ids();
    for (const [i, { token, logprob = 0 }] of canvas.completion().entries()) {
      const law = await lawBehind(MODELS.target, ids.slice(0, RUN.promptIds.length + i));
      expect(logprob).toBeCloseTo(Math.log(law[Number(token)]), 5);
    }
  });

  it("writes the target's greedy text, a forward a token, where no draft is sure enough", async () => {
    const { done } = await bild({ fallback_threshold: 1 });
    expect(done.ids).toEqual(await greedy(MODELS.target, RUN.promptIds));
    expect(done.metrics).toMatchObject({ proposed: 0, forwards: LENGTH });
  });

  it("writes the target's greedy text where nothing is forgiven, and both models are asked", async () => {
    const { done } = await bild({ fallback_threshold: 0.2, rollback_threshold: 1e-9 });
    expect(done.ids).toEqual(await greedy(MODELS.target, RUN.promptIds));
    expect(done.metrics.accepted).toBeGreaterThan(0);
  });

  it.each([{ drafter: "early-exit" }, { drafter: "eagle" }, { drafter: "mtp" }])(
    "drops what the drafter is unsure of, and rests behind what was taken back: %o",
    async (own) => {
      const limits = { fallback_threshold: 0.3, rollback_threshold: 1.5, num_assistant_tokens: 3 };
      const { events, done } = await bild({ ...own, ...limits });
      let isRest = true;
      for (const { edits } of stepsOf(events)
        .filter(({ edits }) => edits.length > 0)
        .slice(0, -1)) {
        const numDrafts = edits.filter((edit) => edit.op === "insert" && edit.state === "draft").length;
        if (isRest) expect(numDrafts).toBe(0);
        isRest = edits.some(({ op }) => op === "delete");
      }
      expect(done.metrics.accepted).toBeGreaterThan(0);
      expect(done.metrics.accepted).toBeLessThan(done.metrics.proposed);
    },
  );

  it("asks less of the target the less sure the draft model must be and the less is taken back", async () => {
    const forwards = async (fallback_threshold: number, rollback_threshold: number) =>
      (await bild({ fallback_threshold, rollback_threshold })).done.metrics.forwards;
    const byFallback = [await forwards(1, 5), await forwards(0.5, 5), await forwards(0.2, 5)];
    const byRollback = [await forwards(0.2, 0.5), await forwards(0.2, 2), await forwards(0.2, 1000)];
    for (const counts of [byFallback, byRollback]) {
      expect(counts).toEqual(counts.toSorted((a, b) => b - a));
      expect(counts[2]).toBeLessThan(counts[0]);
    }
  });
});

describe("verifier bild that discards", () => {
  it("drafts all it may in every round, on the device, and counts drafts up to the first unsure one", async () => {
    const options = { fallback_rule: "discard", fallback_threshold: 1, num_assistant_tokens: 4 };
    const { done } = await bild(options);
    expect(done.ids).toEqual(await greedy(MODELS.target, RUN.promptIds));
    expect(done.metrics).toMatchObject({ accepted: 0, proposed: 4 * LENGTH });
    const all = await bild({ ...options, fallback_threshold: 0, rollback_threshold: 1000 });
    expect(all.done.metrics.accepted).toBe(all.done.metrics.proposed);
    expect(all.done.ids.slice(0, 4)).toEqual(await greedy(MODELS.draft, RUN.promptIds, 4));
  });
});

it.each([
  { fallback_rule: "hand_over", fallback_threshold: 0.2 },
  { fallback_rule: "hand_over", fallback_threshold: 0.2, drafter: "eagle" },
  { fallback_rule: "hand_over", fallback_threshold: 0.2, drafter: "mtp", num_assistant_tokens: 4 },
  { fallback_rule: "discard", fallback_threshold: 0.2 },
])("verifier bild cancelled after any step and written on ends as if it never was: %o", async (own) => {
  const options = { rollback_threshold: 1.5, ...own };
  const whole = await bild(options);
  const request = { ...RUN, decoder: speculative, options: { verifier: "bild", max_new_tokens: LENGTH, ...options } };
  expect(whole.done.metrics.accepted).toBeLessThan(whole.done.metrics.proposed);
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
