import { describe, expect, it } from "vitest";
import { withChoice } from "../vocabulary/chosen.js";
import { EAGLE } from "../extension/eagle/key.js";
import { TEXT_DRAFTS } from "../extension/text-drafts/key.js";
import { LENGTH_POLICY } from "../extension/length-policy/key.js";
import { MASK_TOKENS } from "../extension/mask-tokens/key.js";
import { type Ask, nameOf } from "../seam/asks.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Option } from "./options.js";
import { decoders, findDecoder } from "./index.js";
import { castOf } from "./casting.js";
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

/** The same model, whose sessions don't answer these. */
function without(capabilities: Capabilities, ...asks: readonly Ask[]): Capabilities {
  const lacking = asks.map(nameOf);
  return { ...capabilities, answers: capabilities.answers.filter((name) => !lacking.includes(name)) };
}

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
    const bare: Cast = { ...cast, target: without(target.capabilities, EAGLE, MASK_TOKENS) };
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
  const blocks: Cast = { target: without(hashedModels("blocks").target.capabilities, LENGTH_POLICY) };
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

describe("a backend that lacks an answer", () => {
  const refusalFor = async (name: string, options: Record<string, unknown>, ...asks: readonly Ask[]) => {
    const { refusal } = await offersOf(
      findDecoder(name),
      { target: without(target.capabilities, ...asks) },
      {},
      options,
    );
    return refusal?.message ?? null;
  };

  it("is refused by name before a run, with what would do", async () => {
    expect(await refusalFor("contrastive", {}, "contrast", "parents")).toBe(
      "The decoder contrastive needs a model on a backend that answers contrast, parents (WebGPU's does, this one's doesn't).",
    );
    expect(await refusalFor("set-based", {}, "segments")).toContain("a backend that answers segments");
    expect(await refusalFor("speculative", { drafter: "recycling" }, TEXT_DRAFTS)).toContain("answers text-drafts");
    // What isn't asked with these options may be missing.
    expect(await refusalFor("contrastive", { penalty_alpha: 0 }, "contrast", "parents")).toBeNull();
    expect(await refusalFor("speculative", { drafter: "suffix" }, TEXT_DRAFTS, "parents", "judge")).toBeNull();
    expect(await refusalFor("autoregressive", {}, "verify", "keep", "fork", "positions")).toBeNull();
  });

  it("closes the values that ask for it and leaves the others open, of a draft model too", async () => {
    const chainsAlone = { ...cast, target: without(target.capabilities, "parents") };
    const { refusal, values } = await offersOf(speculative, chainsAlone, { temperature: 0.7 }, {});
    expect(refusal).toBeNull();
    const closed = Object.entries(values.drafter).filter(([, offer]) => "reason" in offer);
    expect(closed.map(([name]) => name)).toEqual([
      "tree",
      "chains",
      "mtp",
      "retrieval",
      "recycling",
      "trigram",
      "lookahead",
    ]);
    expect(values.drafter.tree).toEqual({
      reason: expect.stringContaining("a model on a backend that answers parents"),
    });
    const noRace = { ...cast, causal: without(draft.capabilities, "race") };
    const { values: others } = await offersOf(speculative, noRace, { temperature: 0.7 }, {});
    expect(others.drafter.tree).toEqual({
      reason: expect.stringContaining("a draft model on a backend that answers race"),
    });
  });

  it("casts the next model that answers", async () => {
    const models = { target: without(target.capabilities, "contrast"), other: target.capabilities };
    const castFor = (name: string) =>
      castOf(findDecoder(name), new Map(Object.entries(models)), { model: ["target", "other"] }, {})?.roles;
    expect(castFor("contrastive")).toEqual({ model: "other" });
    expect(castFor("momentum")).toEqual({ model: "target" });
  });
});
