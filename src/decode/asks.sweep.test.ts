// A decoder's needs name all that its runs ask of a model, and nothing that none of them asks.
import { describe, expect, it } from "vitest";
import type { MockModel } from "../backend/host/mock.js";
import { nameOf } from "../seam/asks.js";
import { CONFORMANCE_CASES, HOLE } from "../testing/conformance-cases.js";
import { LAW_ROWS } from "../testing/law-rows.js";
import { hashedMocks, type Rehearsed, rehearse } from "../testing/rehearsal.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { JOINT } from "../testing/tabular.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { asksOf } from "./asks.js";
import { type Plan, planRun } from "./engine/plan.js";
import { promptCanvas } from "./engine/prompt-canvas.js";
import { speculative } from "./speculative/decoder.js";
import { draftSources } from "./speculative/drafters/index.js";

type Asked = Omit<Rehearsed, "models"> & { name: string; models: { target: MockModel; draft?: MockModel } };

const EXAMPLES = CONFORMANCE_CASES.map(({ name, decoder, kind, options }): Asked => {
  const sets = decoder.readsSets ? [{ start: 1, lengths: [1, 2] }] : undefined;
  return {
    name,
    decoder,
    models: hashedMocks(kind),
    promptIds: options.infill ? [0, 3, HOLE, HOLE, HOLE, 1, 2] : [0, 3, 4, 1, 2],
    sets,
    options: { temperature: 0.9, seed: 7, ...options, ...(options.infill ? {} : { max_new_tokens: 18 }) },
  };
});

const TIGHT = EXAMPLES.flatMap((example, i): Asked[] => {
  const { kind, options } = CONFORMANCE_CASES[i];
  // Total steps are spread over as many tokens as are asked for.
  if (options.infill || options.steps) return [];
  const models = hashedMocks(kind, { maxLength: 16 });
  return [{ ...example, models, options: { ...example.options, max_new_tokens: 100 } }];
});

const LAWS = LAW_ROWS.filter((_, i) => IS_WHOLE || i % 5 === 0).map(({ decoder, options, models, prompt }): Asked => {
  const all = { max_new_tokens: JOINT.length - prompt.length, temperature: 1, ...options };
  const name = `${decoder.name} ${JSON.stringify(options)}`;
  // Who is greedy asks as it would otherwise.
  const own = options.verifier === "bild" ? { temperature: 0 } : {};
  return { name, decoder, models, promptIds: prompt, options: { ...all, ...own } };
});

const COSTS = { forward_costs: { 1: 1, 2: 1.2, 4: 1.5 }, draft_cost: 0.1 };
const SCHEDULED = draftSources.flatMap(({ name, options }) =>
  [
    { num_assistant_tokens_schedule: "adaptive", ...COSTS },
    { num_assistant_tokens_schedule: "adaptive", ...COSTS, draft_timing: "late" },
    { num_assistant_tokens_schedule: "confidence" },
    { draft_timing: "late" },
  ].map((how): Asked => {
    const corpus = Object.hasOwn(options, "corpus") ? { corpus: [0, 3, 4, 1, 2, 0, 3, 4] } : {};
    const models = hashedMocks(name === "block-diffusion" ? "block-drafts" : "causal");
    const own = { drafter: name, ...corpus, ...how, max_new_tokens: 18 };
    return {
      name: `${name} ${JSON.stringify(how)}`,
      decoder: speculative,
      models,
      promptIds: [0, 3, 4, 0, 3],
      options: own,
    };
  }),
);

/** Runs on models that answer what the plan says is asked, and nothing else. Null where the combination is refused. */
async function heard({ models, ...request }: Asked) {
  const { target, draft } = models;
  const holes = request.options?.infill ? target.capabilities.maskToken : null;
  const canvas = () => promptCanvas(request.promptIds ?? [], holes, request.sets);
  let plan: Plan;
  try {
    const draftCapabilities = draft?.capabilities;
    plan = planRun({ ...request, canvas: canvas(), capabilities: target.capabilities, draftCapabilities });
  } catch (error) {
    if (error instanceof InvalidOptionError) return null;
    throw error;
  }
  const asks = asksOf(plan.needs);
  const declared = { target: asks.target.map(nameOf), second: asks.second.map(nameOf) };
  const asked = { target: new Set<string>(), second: new Set<string>() };
  const exact = {
    target: target.answering(declared.target, asked.target),
    draft: draft?.answering(declared.second, asked.second),
  };
  // With results that take as long as several steps, those of a block are recorded ahead.
  for (const stepsPerSync of [1, 4]) {
    try {
      await rehearse({ ...request, models: exact, stepsPerSync, lookahead: 8 });
    } catch (error) {
      throw new Error(`${request.name}: ${String(error)}`);
    }
  }
  const idle = (["target", "second"] as const).flatMap((who) =>
    declared[who].filter((name) => !asked[who].has(name)).map((name) => `${who} ${name}`),
  );
  const used = (["target", "second"] as const).flatMap((who) => [...asked[who]].map((name) => `${who} ${name}`));
  const { drafter, commit_rule } = plan.options;
  return { group: [request.decoder.name, drafter, commit_rule].join(" "), idle, used };
}

describe("what a decoder says that it asks", () => {
  it("is asked in its examples, each name in one at least of the same drafter and commit rule", async () => {
    const runs = (await Promise.all(EXAMPLES.map(heard))).filter((run) => run !== null);
    expect(runs).toHaveLength(EXAMPLES.length);
    const used = new Set(runs.flatMap((run) => run.used.map((name) => `${run.group} ${name}`)));
    const never = runs
      .flatMap((run) => run.idle.map((name) => `${run.group} ${name}`))
      .filter((name) => !used.has(name));
    expect(never).toEqual([]);
  });

  it.each([
    ["up to the end of the context", TIGHT],
    ["in every combination whose law is known", LAWS],
    ["with every drafter, at lengths that change and when drafts are late", SCHEDULED],
  ])("is all that it asks %s", async (_, all) => {
    let numRuns = 0;
    for (const one of all) if (await heard(one)) numRuns++;
    expect(numRuns).toBeGreaterThan(all.length / 5);
  });
});
