import { describe, expect, it } from "vitest";
import { tabularLaw } from "../../testing/laws.js";
import { type MockModel, mockModel } from "../../backend/host/mock.js";
import type { Session } from "../../seam/session.js";
import { anySubset } from "./decoder.js";
import { changedSession } from "../../testing/changed-session.js";
import { hashedModels, rehearse } from "../../testing/rehearsal.js";
import { CRITICAL, chiSquare, distance, drawn, enumeratedBySteps, exactLaw, JOINT } from "../../testing/tabular.js";

const models = hashedModels("subsets");
const MASK = 12;
const HOLES = [0, 3, MASK, 4, MASK, MASK, MASK, 5, MASK, 6, MASK];

function tabularSubsets(): MockModel {
  const { numTokens, length } = JOINT;
  const reading = { causal: false, inPlace: true, maskToken: numTokens, anySubset: true };
  const law = tabularLaw(JOINT, numTokens);
  return mockModel({ law, capabilities: { ...reading, vocabSize: numTokens + 1, maxLength: 2 * length } });
}

const write = (options: Record<string, unknown>) =>
  rehearse({
    decoder: anySubset,
    models,
    promptIds: [0, 3, 4, 1],
    options: { max_new_tokens: 24, seed: 3, ...options },
  });

describe("any-subset decoding", () => {
  it.each([0, 0.5, 1, 1.5])(
    "writes what one mask a forward gives, token for token, at temperature %d",
    async (temperature) => {
      for (const filter of [{}, ...(temperature > 0 ? [{ top_p: 0.7 }] : []), { repetition_penalty: 1.4 }]) {
        const one = await write({ temperature, draft_tokens: 1, ...filter });
        expect(one.done.metrics).toMatchObject({ forwards: 24, proposed: 0 });
        for (const draft_tokens of [2, 5, 32]) {
          const several = await write({ temperature, draft_tokens, ...filter });
          expect(several.canvas.completion().map(({ token, logprob }) => ({ token, logprob }))).toEqual(
            one.canvas.completion().map(({ token, logprob }) => ({ token, logprob })),
          );
          // A round takes two forwards and gives two tokens or more; a last one alone takes one.
          expect(several.done.metrics.forwards).toBeLessThanOrEqual(24);
        }
      }
    },
  );

  it("fills holes by what is on both sides, with any number of drafts", async () => {
    const fill = async (draft_tokens: number, promptIds = HOLES) => {
      const options = { infill: true, temperature: 0.8, seed: 2, draft_tokens };
      return (await rehearse({ decoder: anySubset, models, promptIds, options })).canvas.ids();
    };
    const one = await fill(1);
    expect(one.filter((_, i) => HOLES[i] !== MASK)).toEqual(HOLES.filter((id) => id !== MASK));
    expect(one).not.toContain(MASK);
    for (const draft_tokens of [2, 4, 32]) expect(await fill(draft_tokens)).toEqual(one);
    // The first hole sees the last known token.
    const other = await fill(4, HOLES.with(9, 7));
    expect(other[2] === one[2] && other[4] === one[4]).toBe(false);
  });

  it.each([1, 2, 3])("has the joint law of a tabular model, %i drafts at once", async (draft_tokens) => {
    const law = await enumeratedBySteps(anySubset, tabularSubsets(), { draft_tokens });
    expect(distance(law, exactLaw())).toBeLessThan(1e-9);
  });

  it("draws by it", async () => {
    const counts = await drawn(1500, anySubset, tabularSubsets(), { draft_tokens: 3 });
    expect(chiSquare(counts, exactLaw())).toBeLessThan(CRITICAL);
  });

  it("has it, token for token, whatever drafts say that don't know what the model knows", async () => {
    /** Of what is drafted, all but the first see nothing. */
    const blind = (session: Session) =>
      changedSession(session, (request) => {
        const { attend, tokens } = request;
        const isDrafting = tokens.every((token) => typeof token === "number");
        if (!isDrafting || typeof attend !== "object" || !("rank" in attend)) return request;
        const first = tokens.indexOf(MASK);
        return { ...request, attend: { ...attend, rank: attend.rank.map((rank, i) => (i > first ? 0 : rank)) } };
      });
    let rejected = 0;
    for (let seed = 0; seed < 30; seed++) {
      const fill = async (draft_tokens: number, target = models.target.session()) => {
        const options = { max_new_tokens: 12, temperature: 1, seed, draft_tokens };
        return (await rehearse({ decoder: anySubset, models, promptIds: [0, 3, 4, 1], options, target })).done;
      };
      const [one, own, other] = [await fill(1), await fill(4), await fill(4, blind(models.target.session()))];
      expect(other.ids).toEqual(one.ids);
      expect(other.metrics.forwards).toBeLessThanOrEqual(12);
      rejected += own.metrics.accepted - other.metrics.accepted;
    }
    expect(rejected).toBeGreaterThan(0);
  });

  it("would not have it, were the drafts kept unchecked", async () => {
    const model = tabularSubsets();
    const session = model.session.bind(model);
    /** Verifications answer what the drafts were: no row sees a draft. */
    model.session = () => {
      const own = session();
      const forward = own.forward.bind(own);
      own.forward = (request) => {
        const { attend } = request;
        if (typeof attend !== "object" || !("rank" in attend)) return forward(request);
        const [least] = attend.rank.filter((rank) => rank > 0).sort((a, b) => a - b);
        const drafts = request.tokens.filter((token) => typeof token !== "number").length;
        if (drafts === 0) return forward(request);
        return forward({ ...request, attend: { ...attend, rank: attend.rank.map((rank) => Math.min(rank, least)) } });
      };
      return own;
    };
    const counts = await drawn(1500, anySubset, model, { draft_tokens: 3 });
    expect(chiSquare(counts, exactLaw())).toBeGreaterThan(CRITICAL);
    const total = counts.reduce((a, b) => a + b, 0);
    expect(
      distance(
        Float64Array.from(counts, (count) => count / total),
        exactLaw(),
      ),
    ).toBeGreaterThan(0.05);
  });

  it("needs a model that was trained to, and says that no other will do", async () => {
    for (const kind of ["full", "blocks", "causal"] as const) {
      const run = rehearse({ decoder: anySubset, models: hashedModels(kind), promptIds: [0, 1], options: {} });
      await expect(run).rejects.toThrow(
        /any-subset needs a model trained to predict any subset of a text from any other/,
      );
    }
    await expect(write({ draft_tokens: 0 })).rejects.toThrow(/draft_tokens can't be 0/);
    await expect(write({ infill: true })).rejects.toThrow(/needs a hole/);
  });
});
