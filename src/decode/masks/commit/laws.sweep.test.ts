// The law of the text under each commit rule, on models whose joint law is known exactly, over every path.
import { describe, expect, it } from "vitest";
import { conditional, randomJoint } from "../../../testing/laws.js";
import { autoregressive } from "../../autoregressive/decoder.js";
import { blockDiffusion } from "../../block-diffusion/decoder.js";
import { rehearse, stepsOf } from "../../../testing/rehearsal.js";
import {
  CRITICAL,
  chiSquare,
  distance,
  drawn,
  enumeratedBySteps,
  exactLaw,
  FIRST,
  type JOINT,
  tabular,
  tabularCausal,
} from "../../../testing/tabular.js";
import { chooseBy, UNSURE } from "../../../testing/commit-rehearsal.js";

const EXACT = exactLaw();
const lawOf = (options: Record<string, unknown>, blockLength = 4) =>
  enumeratedBySteps(blockDiffusion, tabular(blockLength), options);

describe("with one commit a step the law is the joint", () => {
  it.each<Record<string, unknown>>([
    { commit_rule: "first_hitting" },
    { commit_rule: "left_to_right" },
    { commit_rule: "quota", order: "left_to_right" },
    { commit_rule: "quota", confidence_of: "top" },
    { commit_rule: "quota", confidence_of: "top", confidence: "margin" },
    { commit_rule: "quota", confidence: "neg_entropy" },
    { commit_rule: "entropy_bound", entropy_bound: 0 },
    { commit_rule: "wedlm", entropy_threshold: 0 },
  ])("by %o", async (options) => expect(distance(await lawOf(options), EXACT)).toBeLessThan(1e-6));

  it("and so say the rules that are exact for any model", async () => {
    const fidelityOf = async (options: Record<string, unknown>) => {
      const run = { decoder: blockDiffusion, models: { target: tabular(4) }, promptIds: [FIRST] };
      const { events } = await rehearse({ ...run, options: { temperature: 1, max_new_tokens: 3, ...options } });
      return events[0].type === "start" && events[0].fidelity;
    };
    expect(await fidelityOf({ commit_rule: "first_hitting" })).toBe("exact");
    expect(await fidelityOf({ commit_rule: "quota", order: "random" })).toBe("exact");
    expect(await fidelityOf({ denoising_steps: 4, confidence_of: "top" })).toBe("exact");
    expect(await fidelityOf({ denoising_steps: 4 })).toBe("approximate");
    // The drawn token is the likeliest there, so the order depends on what is known alone.
    expect(await fidelityOf({ denoising_steps: 4, temperature: 0 })).toBe("exact");
    expect(await fidelityOf({ denoising_steps: 2, order: "random" })).toBe("approximate");
    expect(await fidelityOf({})).toBe("approximate");
  });
});

describe("the law is not the joint", () => {
  it.each<Record<string, unknown>>([
    // The order depends on what was drawn: sure draws are kept more often than they come.
    { commit_rule: "quota" },
    { commit_rule: "quota", confidence: "margin" },
    { commit_rule: "threshold", threshold: 0.3 },
    { commit_rule: "factor" },
    { commit_rule: "entropy_bound", entropy_bound: 10 },
    { commit_rule: "ancestral", denoising_steps: 1 },
  ])("by %o", async (options) => expect(distance(await lawOf(options), EXACT)).toBeGreaterThan(0.01));
});

describe("the ancestral sampler", () => {
  /** Mean over seeds, which decide when each mask opens; tokens over every path. */
  const laws = new Map<string, ArrayLike<number>>();
  const meanLaw = async (numSteps: number, schedule: string) => {
    const mean = new Float64Array(EXACT.length);
    const numSeeds = 400;
    for (let seed = 0; seed < numSeeds; seed++) {
      const { events } = await rehearse({
        decoder: blockDiffusion,
        models: { target: tabular(4) },
        promptIds: [FIRST],
        options: { commit_rule: "ancestral", denoising_steps: numSteps, schedule, max_new_tokens: 3, seed },
      });
      const pattern = stepsOf(events)
        .map(({ edits }) => edits.filter(({ op }) => op === "write").map(({ slot }) => slot))
        .join("|");
      // What matters of a seed and a schedule is which masks open together, and in what order.
      const law =
        laws.get(pattern) ?? (await lawOf({ commit_rule: "ancestral", denoising_steps: numSteps, schedule, seed }));
      laws.set(pattern, law);
      for (let i = 0; i < law.length; i++) mean[i] += law[i] / numSeeds;
    }
    return mean;
  };

  it("comes closer to the joint with more steps", async () => {
    const distances: number[] = [];
    for (const numSteps of [1, 2, 4, 16, 128]) distances.push(distance(await meanLaw(numSteps, "linear"), EXACT));
    for (let i = 1; i < distances.length; i++) expect(distances[i]).toBeLessThan(distances[i - 1]);
    expect(distances[0]).toBeGreaterThan(0.05);
    expect(distances[4]).toBeLessThan(0.01);
    expect(distance(await meanLaw(128, "cosine"), EXACT)).toBeLessThan(0.02);
  });

  it.each(["linear", "cosine"])("opens a mask in each step with the probability of a %s schedule", (schedule) => {
    const numSeeds = 600;
    const numSteps = 4;
    const options = { denoising_steps: numSteps, steps: null, schedule };
    // So many others that none of the steps is left out.
    const candidates = Array.from({ length: 40 }, (_, i) => ({ ...UNSURE, position: 3 + i }));
    const opened = new Array<number>(numSteps).fill(0);
    for (let seed = 0; seed < numSeeds; seed++) {
      const block = { options, numMasks: 40, numCommitted: 0, tentative: [], index: 0, numBlocks: 1, seed, draw: 0 };
      let left = candidates;
      let step = 0;
      for (;;) {
        const chosen = new Set(chooseBy("ancestral", left, block));
        if (chosen.has(0)) break;
        left = left.filter((_, i) => !chosen.has(i));
        step++;
      }
      opened[step]++;
    }
    opened.forEach((count, i) => {
      const cosine = Math.cos((Math.PI / 8) * i) - Math.cos((Math.PI / 8) * (i + 1));
      const expected = schedule === "linear" ? 1 / numSteps : cosine;
      expect(Math.abs(count / numSeeds - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / numSeeds));
    });
  });
});

it("blocks of one token have the law of autoregressive text, whatever the rule, which is refused", async () => {
  const counts = await drawn(2000, autoregressive, tabularCausal(), {});
  expect(chiSquare(counts, EXACT)).toBeLessThan(CRITICAL);
  expect(distance(await lawOf({}, 1), EXACT)).toBeLessThan(1e-6);
  await expect(lawOf({ commit_rule: "quota" }, 1)).rejects.toThrow(
    /^commit_rule quota changes nothing beside block_length 1/,
  );
});

describe("the entropy bound", () => {
  it.each([0.05, 0.5, 1.5])("loses at most %f nats in each step, and is used", async (bound) => {
    let most = 0;
    let mostCommits = 0;
    for (let seed = 0; seed < 60; seed++) {
      const joint = randomJoint(100 + seed, 3, 4);
      const { events, canvas } = await rehearse({
        decoder: blockDiffusion,
        models: { target: tabular(4, joint) },
        promptIds: [FIRST],
        options: {
          commit_rule: "entropy_bound",
          entropy_bound: bound,
          max_new_tokens: 3,
          temperature: 1,
          seed,
        },
      });
      const known: (number | undefined)[] = [FIRST, undefined, undefined, undefined];
      for (const { edits } of stepsOf(events)) {
        const positions = edits.flatMap((edit) => (edit.op === "write" ? [canvas.position(edit.slot)] : []));
        const { nats, largest } = lossOf(joint, known, positions);
        expect(nats).toBeLessThanOrEqual(bound + 1e-9);
        expect(nats).toBeLessThanOrEqual(largest + 1e-9);
        most = Math.max(most, nats);
        mostCommits = Math.max(mostCommits, positions.length);
        for (const edit of edits) if (edit.op === "write") known[canvas.position(edit.slot)] = edit.token ?? undefined;
      }
    }
    expect(mostCommits).toBe(bound < 0.1 ? 1 : bound < 1 ? 1 : 2);
    if (mostCommits > 1) expect(most).toBeGreaterThan(0);
  });

  it("is told where it holds: at temperature 1, with nothing filtered or biased, by this rule alone", async () => {
    const boundOf = async (options: Record<string, unknown>) => {
      const run = { decoder: blockDiffusion, models: { target: tabular(4) }, promptIds: [FIRST] };
      const { events } = await rehearse({ ...run, options: { max_new_tokens: 3, temperature: 1, ...options } });
      return events[0].type === "start" ? events[0].boundNats : null;
    };
    const rule = { commit_rule: "entropy_bound" };
    expect(await boundOf(rule)).toBe(0.1);
    expect(await boundOf({ ...rule, entropy_bound: 0.7 })).toBe(0.7);
    for (const other of [{ temperature: 0 }, { top_k: 2 }, { top_p: 0.9 }, { min_p: 0.1 }, { logit_bias: { 1: 2 } }]) {
      expect(await boundOf({ ...rule, ...other })).toBeUndefined();
    }
    expect(await boundOf({ ...rule, repetition_penalty: 1.2 })).toBeUndefined();
    expect(await boundOf({ threshold: 0.9 })).toBeUndefined();
  });

  /** KL(joint of the positions ‖ product of their marginals), and the sum of entropies but the largest. */
  function lossOf(joint: typeof JOINT, known: readonly (number | undefined)[], positions: readonly number[]) {
    const marginals = positions.map((position) => conditional(joint, known, position));
    const entropies = marginals.map((law) => law.reduce((sum, p) => sum - p * Math.log(p), 0));
    let nats = 0;
    const visit = (i: number, now: readonly (number | undefined)[], p: number, q: number) => {
      if (i === positions.length) {
        nats += p * Math.log(p / q);
        return;
      }
      const law = conditional(joint, now, positions[i]);
      law.forEach((next, token) => {
        visit(i + 1, now.with(positions[i], token), p * next, q * marginals[i][token]);
      });
    };
    visit(0, known, 1, 1);
    return { nats, largest: entropies.reduce((a, b) => a + b, 0) - Math.max(...entropies) };
  }
});
