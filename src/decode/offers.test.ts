import { describe, expect, it } from "vitest";
import { withChoice } from "../vocabulary/chosen.js";
import type { Option } from "./options.js";
import { decoders, findDecoder } from "./index.js";
import { type Cast, type Offers, offersOf } from "./offers.js";
import { hashedModels, rehearse } from "../testing/rehearsal.js";

const PROMPT = [0, 3, 4, 0, 3, 4];
const { target, draft } = hashedModels("causal");
const filler = hashedModels("block-drafts").draft;
const cast: Cast = { target: target.capabilities, causal: draft.capabilities, blocks: filler.capabilities };
const speculative = findDecoder("speculative");
const enumsOf = (options: Readonly<Record<string, Option>>) =>
  Object.entries(options).filter(
    (entry): entry is [string, Extract<Option, { type: "enum" }>] => entry[1].type === "enum",
  );

/** The message that a run really ends with; null where it writes. */
async function outcome(options: Record<string, unknown>): Promise<string | null> {
  const costs =
    options.num_assistant_tokens_schedule === "adaptive" ? { forward_costs: { 1: 1 }, draft_cost: 0.1 } : {};
  const run = (model: typeof draft) =>
    rehearse({
      decoder: speculative,
      models: { target, draft: model },
      promptIds: PROMPT,
      options: { max_new_tokens: 3, ...costs, ...options },
    }).then(
      () => null,
      (error: Error) => error.message,
    );
  const first = await run(draft);
  return first === null ? null : ((await run(filler)) ?? null) && first;
}

describe("what speculative offers", () => {
  const given = { temperature: 0.7 };
  const chosenFor: Record<string, unknown>[] = [{}, { verifier: "block" }, { drafter: "chains", verifier: "kseq" }];

  it.each(chosenFor)(
    "beside %j is what a run takes: free values write, others say why or what changes",
    async (chosen) => {
      const { refusal, closed, values } = await offersOf(speculative, cast, given, chosen);
      expect(refusal?.message ?? null).toBe(await outcome({ ...given, ...chosen }));
      const table = Object.entries<Option>(speculative.options);
      for (const [name, { values: all, default: usual }] of enumsOf(speculative.options)) {
        for (const value of all) {
          const shared = name in closed && value !== usual ? { reason: closed[name] } : undefined;
          const found = values[name]?.[value] ?? shared;
          if (found && "reason" in found) {
            // Nothing that comes before it is changed for its sake.
            expect(await outcome({ ...given, ...withoutLater(chosen, name), [name]: value })).toBe(found.reason);
          } else {
            const next = found ? found.chosen : withChoice(table, chosen, name, value);
            // What drafts from a text takes it once it is chosen.
            if (!(name in next) || value === "retrieval") continue;
            expect(await outcome({ ...given, ...next }), `${name} ${value}`).toBeNull();
            expect(next[name]).toBe(value);
          }
        }
      }
    },
  );

  const withoutLater = (chosen: Record<string, unknown>, name: string) => {
    const order = Object.keys(speculative.options);
    return Object.fromEntries(Object.entries(chosen).filter(([option]) => order.indexOf(option) < order.indexOf(name)));
  };

  it("leaves out by name what the loaded models can't do, and the verifiers that the drafter doesn't draft for", async () => {
    const { values } = await offersOf(speculative, { ...cast, blocks: undefined }, given, {});
    const reason = (name: string, value: string) => (values[name]?.[value] as { reason?: string } | undefined)?.reason;
    expect(reason("drafter", "block-diffusion")).toContain("a draft model trained on blocks");
    expect(reason("verifier", "kseq")).toContain("several chains");
    expect(reason("verifier", "bild")).toContain("temperature must be 0");
    expect(values.drafter.chains).toEqual({ chosen: { drafter: "chains", verifier: "kseq" } });
    expect(values.drafter["prompt-lookup"]).toBeUndefined();
  });

  it("opens a drafter whose text can only be given once it is chosen, and blames no choice for what is fixed", async () => {
    const { values } = await offersOf(speculative, cast, given, {});
    expect(values.drafter.retrieval).toEqual({ chosen: { drafter: "retrieval" } });
    const hot = await offersOf(speculative, cast, { temperature: 101 }, {});
    expect(hot.refusal?.message).toContain("temperature can't be 101");
    expect({ ...hot.closed, ...hot.values }).toEqual({});
  });

  it("names eagle and mtp where the model came without head and adapter", async () => {
    const bare: Cast = { ...cast, target: { ...target.capabilities, head: null, numMasks: 0 } };
    const { values } = await offersOf(speculative, bare, given, {});
    expect(values.drafter.eagle).toEqual({ reason: expect.stringContaining("an EAGLE head") });
    expect(values.drafter.mtp).toEqual({ reason: expect.stringContaining("an adapter") });
  });
});

it("sampling is closed where it would change nothing, in the words that a run ends with, and open where it wouldn't", async () => {
  for (const [name, value] of Object.entries({ top_k: 3, top_p: 0.5, min_p: 0.5 })) {
    const { closed } = await offersOf(speculative, cast, { temperature: 0 }, {});
    expect(closed[name]).toMatch(new RegExp(`^${name} changes nothing beside temperature 0`));
    expect(closed[name]).toBe(await outcome({ temperature: 0, [name]: value }));
    expect((await offersOf(speculative, cast, { temperature: 1 }, { verifier: "block" })).closed).not.toHaveProperty(
      name,
    );
  }
});

describe("what decoders that fill masks offer", () => {
  const blocks: Cast = { target: { ...hashedModels("blocks").target.capabilities, policyLengths: [] } };
  const offers = (name: string, chosen = {}, more: Partial<Cast> = {}): Promise<Offers> =>
    offersOf(findDecoder(name), { ...blocks, ...more }, { temperature: 0.7 }, chosen);

  it("is nothing where the model reads otherwise, with the reason", async () => {
    const refusals = await Promise.all(
      decoders
        .filter(({ options }) => "infill" in options)
        .map(async ({ name }) => [name, (await offers(name)).refusal?.message]),
    );
    expect(Object.fromEntries(refusals)).toEqual({
      "block-diffusion": undefined,
      "masked-diffusion": expect.stringContaining("reads the whole canvas"),
      "window-diffusion": expect.stringContaining("reads left to right"),
      "any-subset": expect.stringContaining("any subset"),
    });
  });

  it("has no policy without one, no energy without a model that weighs, and opens what belongs to it with that", async () => {
    const without = await offers("block-diffusion");
    // No steps are given, so the rule that is meant has no schedule.
    expect(without.closed.schedule).toContain("not of threshold");
    expect(without.values.block_rule.policy).toEqual({ reason: expect.stringContaining("a policy") });
    expect(without.closed.energy_candidates).toContain("a draft model");
    expect(without.closed.energy_from).toContain("energy_candidates of 2 or more");
    const weighed = await offers("block-diffusion", { energy_candidates: 4 }, { causal: { ...draft.capabilities } });
    expect(weighed.refusal).toBeNull();
    expect(weighed.closed.energy_from).toBeUndefined();
  });
});
