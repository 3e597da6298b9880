import { expect, it } from "vitest";
import type { Capabilities } from "../../../seam/capabilities.js";
import { autoregressive } from "../../autoregressive/decoder.js";
import type { Drafting } from "../../decoder.js";
import { measuredCosts } from "../../engine/costs.js";
import type { OptionValues } from "../../options.js";
import { parseOptions } from "../../parse-options.js";
import { speculative } from "../decoder.js";

const CAPABILITIES = { causal: true, vocabSize: 9, maxLength: 64, numLayers: 4 } as Capabilities;

/** The options that a run gets, and whether anything was measured for it, and what drafts. */
async function resolved(raw: Record<string, unknown>, decoder = speculative) {
  const asked: Drafting[] = [];
  const rows: number[] = [];
  const wanted = wantedBy(raw, decoder);
  const costs =
    wanted &&
    (await measuredCosts(wanted, async (drafting, mostRows) => {
      asked.push(drafting);
      rows.push(mostRows);
      return {
        forwardCosts: { 1: 1, 2: 1.5 },
        waitCost: 0.3,
        draftCost: drafting.draft || drafting.exitLayer ? 0.2 : null,
      };
    }));
  return { options: { ...raw, ...costs }, asked, rows };
}

/** What a run wants measured; null as well where its options can't be read. */
function wantedBy(raw: Record<string, unknown>, decoder = speculative) {
  let parsed: OptionValues;
  try {
    parsed = parseOptions(decoder.options, raw);
  } catch {
    return null;
  }
  return decoder.costsWanted?.(parsed, CAPABILITIES) ?? null;
}

it("an adaptive run without costs gets those that are measured, the draft's where it drafts with a model", async () => {
  const raw = { num_assistant_tokens_schedule: "adaptive" };
  expect(await resolved(raw)).toEqual({
    options: { ...raw, forward_costs: { 1: 1, 2: 1.5 }, draft_cost: 0.2, wait_cost: 0.3 },
    asked: [{ draft: true }],
    rows: [5],
  });
  const lookup = { ...raw, drafter: "prompt-lookup" };
  expect(await resolved(lookup)).toEqual({
    options: { ...lookup, forward_costs: { 1: 1, 2: 1.5 }, wait_cost: 0.3 },
    asked: [{}],
    rows: [11],
  });
  expect((await resolved({ ...lookup, num_assistant_tokens: 3 })).rows).toEqual([4]);
});

it("what drafts otherwise than a model from left to right is measured as it drafts", async () => {
  const raw = { num_assistant_tokens_schedule: "adaptive" };
  expect((await resolved({ ...raw, drafter: "early-exit" })).asked).toEqual([{ exitLayer: 2 }]);
  expect((await resolved({ ...raw, drafter: "early-exit", exit_layer: 3 })).asked).toEqual([{ exitLayer: 3 }]);
  const blocks = { ...raw, drafter: "block-diffusion", draft_block_length: 4 };
  const { asked, options } = await resolved(blocks);
  expect(asked).toEqual([{ draft: true, draftBlock: 4 }]);
  expect(options).toEqual({ ...blocks, forward_costs: { 1: 1, 2: 1.5 }, draft_cost: 0.2, wait_cost: 0.3 });
});

it("names may be written as options may", async () => {
  expect((await resolved({ numAssistantTokensSchedule: "adaptive" })).options).toHaveProperty("forward_costs");
});

it("costs that a run brings stay, and only what is missing is filled in", async () => {
  const whole = {
    num_assistant_tokens_schedule: "adaptive",
    forward_costs: { 1: 1, 4: 3 },
    draft_cost: 0.5,
    wait_cost: 1,
  };
  expect(await resolved(whole)).toEqual({ options: whole, asked: [], rows: [] });
  const { draft_cost: _, ...part } = whole;
  expect((await resolved(part)).options).toEqual({ ...part, draft_cost: 0.2 });
  const { wait_cost: __, ...waiting } = whole;
  expect((await resolved(waiting)).options).toEqual({ ...waiting, wait_cost: 0.3 });
});

it.each([
  [{}],
  [{ num_assistant_tokens_schedule: "heuristic" }],
  [{ num_assistant_tokens_schedule: "no such" }],
  [{ num_assistant_tokens_schedule: "adaptive", drafter: "recycling" }],
  [{ num_assistant_tokens_schedule: "adaptive", num_assistant_tokens: -1 }],
])("nothing is measured for %j, which doesn't choose by costs or is refused anyway", async (raw) => {
  expect(await resolved(raw)).toEqual({ options: raw, asked: [], rows: [] });
});

it("a run that is cancelled while its costs are measured isn't refused for lack of them", async () => {
  const abort = new AbortController();
  const measure = async () => {
    abort.abort();
    throw abort.signal.reason;
  };
  const raw = { numAssistantTokensSchedule: "adaptive", drafter: "prompt-lookup", seed: 3 };
  const wanted = wantedBy(raw);
  if (!wanted) throw new Error("nothing is wanted");
  const costs = await measuredCosts(wanted, measure, abort.signal);
  const parsed = { ...parseOptions(speculative.options, raw), ...costs };
  expect(speculative.resolve?.(parsed, CAPABILITIES)).toMatchObject({ drafter: "prompt-lookup", seed: 3 });
  const failure = new Error("device lost");
  const fail = () => Promise.reject(failure);
  await expect(measuredCosts(wanted, fail)).rejects.toBe(failure);
});

it("nothing is measured for a decoder that drafts nothing", async () => {
  expect((await resolved({ temperature: 1 }, autoregressive)).asked).toEqual([]);
});
