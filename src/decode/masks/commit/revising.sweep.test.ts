import { describe, expect, it } from "vitest";
import { Canvas } from "../../../vocabulary/canvas.js";
import { TextStream } from "../../../cli/text-stream.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { blockDiffusion } from "../../block-diffusion/decoder.js";
import { maskedDiffusion } from "../../masked-diffusion/decoder.js";
import { hashedModels, rehearse } from "../../../testing/rehearsal.js";
import { CRITICAL, chiSquare, drawn, exactLaw, tabular } from "../../../testing/tabular.js";
import { edit } from "./edit.js";
import { maskPredict } from "./mask-predict.js";
import { p2 } from "./p2.js";
import { blockOf, UNSURE } from "../../../testing/commit-rehearsal.js";
import { largestSigma, openingRate, openShare, remdm } from "./remdm.js";
import { maskedAfter } from "./steps.js";
import type { Candidate, CommitRule, Reviser, Tentative } from "./rule.js";
import { IS_WHOLE } from "../../../testing/test-depth.js";

// Up to the end of a block: one that is cut short ends sooner where nothing is tentative.
const COMMON = { max_new_tokens: 20, block_length: 8, temperature: 1 };

/** A run by blocks: what stands on the canvas after each step, and how often a token was taken back or written over. */
async function write(options: Record<string, unknown>, decoder = blockDiffusion) {
  const models = hashedModels(decoder === blockDiffusion ? "blocks" : "full");
  const run = { decoder, models, promptIds: [0, 3, 4, 1] };
  const { events, done, target, canvas } = await rehearse({ ...run, options: { ...COMMON, ...options } });
  const shown = new Canvas();
  const texts: (TokenId | null)[][] = [];
  let numTaken = 0;
  for (const event of events) {
    if (event.type !== "start" && event.type !== "step") continue;
    for (const change of event.edits) {
      if (change.op === "write") {
        const { state, token } = shown.slot(change.slot) ?? {};
        expect(state).not.toBe("committed");
        if (state === "tentative" && token !== change.token) numTaken++;
      }
      shown.apply(change);
    }
    texts.push(shown.slots().map(({ token }) => token));
  }
  return { events, done, canvas, texts, numTaken, forwards: target.counts.forwards };
}

const REVISING: Record<string, unknown>[] = [
  { commit_rule: "remdm", denoising_steps: 8, remask: "cap", eta: 0.3 },
  { commit_rule: "remdm", denoising_steps: 8, remask: "rescale", eta: 0.5 },
  { commit_rule: "remdm", denoising_steps: 8, remask: "conf" },
  { commit_rule: "remdm", denoising_steps: 24, remask: "loop", eta: 0.1 },
  { commit_rule: "p2", denoising_steps: 6 },
  { commit_rule: "p2", denoising_steps: 6, schedule: "cosine" },
  { commit_rule: "mask_predict", denoising_steps: 4 },
  { commit_rule: "edit", threshold: 0.4, editing_threshold: 0.35 },
];

describe.each([
  ["blocks", blockDiffusion],
  ["a whole canvas", maskedDiffusion],
])("a rule that revises %s", (_name, decoder) => {
  it.each(REVISING)(
    "takes back and ends with nothing open, and nothing committed ever changes: %o",
    async (options) => {
      let numTaken = 0;
      for (let seed = 0; seed < 8; seed++) {
        const { done, canvas, events, ...run } = await write({ ...options, seed }, decoder);
        numTaken += run.numTaken;
        expect(done.ids).toHaveLength(20);
        expect(done.metrics.forwards).toBe(run.forwards);
        expect(new Set(canvas.slots().map(({ state }) => state))).toEqual(new Set(["prompt", "committed"]));
        const stream = new TextStream();
        const printed = events.map((event) => (event.type === "error" ? "" : stream.push(event))).join("");
        expect(printed).toBe(done.text);
      }
      expect(numTaken).toBeGreaterThan(5);
    },
  );
});

describe("remdm", () => {
  it("keeps probabilities, and leaves the share open that the schedule says", () => {
    for (const [alphaT, alphaS] of [
      [0, 0.1],
      [0.3, 0.4],
      [0.5, 0.95],
      [0.9, 1],
    ]) {
      for (const part of [0, 0.3, 1]) {
        const sigma = part * largestSigma(alphaT, alphaS);
        const rate = openingRate(alphaT, alphaS, sigma);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1 + 1e-12);
        // Of tokens that are open with probability α_t: P(open afterwards).
        expect(alphaT * (1 - sigma) + (1 - alphaT) * rate).toBeCloseTo(alphaS, 12);
      }
    }
  });

  it("loops at nine tenths: rises to it, stays half of the steps, and goes on to the end", () => {
    const loop = (done: number) => openShare({ remask: "loop", schedule: "linear" }, done);
    for (const [done, share] of [
      [0, 0],
      [0.225, 0.45],
      [0.45, 0.9],
      [0.46, 0.9],
      [0.7, 0.9],
      [0.94, 0.9],
      [0.95, 0.9],
      [0.975, 0.95],
      [1, 1],
    ]) {
      expect(loop(done)).toBeCloseTo(share, 12);
    }
  });

  it("loop: takes back only while it loops, and with eta 0 nothing", async () => {
    let numTaken = 0;
    for (let seed = 0; seed < 10; seed++) {
      const options = { commit_rule: "remdm", remask: "loop", denoising_steps: 40, seed };
      expect((await write({ ...options, eta: 0 })).numTaken).toBe(0);
      numTaken += (await write({ ...options, eta: 0.1 })).numTaken;
    }
    expect(numTaken).toBeGreaterThan(10);
  });

  it("refuses what a way to remask takes no notice of", async () => {
    await expect(write({ commit_rule: "remdm", remask: "conf", eta: 0.2 })).rejects.toThrow(/eta .*leave eta out/);
    const loop = { commit_rule: "remdm", remask: "loop", schedule: "cosine" };
    await expect(write(loop)).rejects.toThrow(/schedule .*leave schedule out/);
  });

  it("with eta 0 it is ancestral, step for step, and a way to remask refused", async () => {
    const idle = write({ commit_rule: "remdm", remask: "cap", eta: 0 });
    await expect(idle).rejects.toThrow(/^remask cap changes nothing beside eta 0/);
    for (let seed = 0; seed < 10; seed++) {
      for (const schedule of ["linear", "cosine"]) {
        const steps = { denoising_steps: 8, schedule, seed };
        const plain = await write({ commit_rule: "ancestral", ...steps });
        const same = await write({ commit_rule: "remdm", eta: 0, ...steps });
        expect(same.texts).toEqual(plain.texts);
        expect(same.forwards).toBe(plain.forwards);
      }
    }
  });

  it("draws what it masks again with other noise than before", () => {
    const { choice } = remdm;
    if (!("begin" in choice)) throw new Error("remdm doesn't revise");
    const reviser = choice.begin();
    const options = { denoising_steps: 16, remask: "rescale", schedule: "linear", eta: 0.5 };
    const positions = Array.from({ length: 16 }, (_, position) => position);
    let tentative: Tentative[] = [];
    const noises = new Map<number, number[]>();
    for (let isSettled = false; !isSettled; ) {
      const open = new Set(tentative.map(({ position }) => position));
      const candidates = positions.filter((position) => !open.has(position)).map((position) => masked(position, 0.5));
      const { draw } = reviser;
      const block = blockOf(options, { numMasks: 16, numCommitted: tentative.length, tentative });
      const { commit, remask, ...rest } = reviser.revise(candidates, block);
      for (const i of commit) {
        const { position, token, logprob } = candidates[i];
        noises.set(position, [...(noises.get(position) ?? []), draw]);
        tentative.push({ position, token, logprob });
      }
      tentative = tentative.filter(({ position }) => !remask.includes(position));
      isSettled = rest.isSettled;
    }
    const again = [...noises.values()].filter(({ length }) => length > 1);
    expect(again.length).toBeGreaterThan(0);
    for (const draws of again) expect(new Set(draws).size).toBe(draws.length);
  });

  it("draws the joint in many steps, also what is masked again, and not in two", async () => {
    const statistic = async (denoising_steps: number, own: Record<string, unknown> = {}) => {
      const options = { commit_rule: "remdm", denoising_steps, ...own };
      return chiSquare(await drawn(IS_WHOLE ? 1200 : 700, blockDiffusion, tabular(4), options), exactLaw());
    };
    expect(await statistic(64, { remask: "cap", eta: 0.05 })).toBeLessThan(CRITICAL);
    expect(await statistic(64, { remask: "loop", eta: 0.05 })).toBeLessThan(CRITICAL);
    expect(await statistic(2)).toBeGreaterThan(CRITICAL);
  });
});

it("a linear schedule leaves one mask less behind each of as many steps as there are masks", () => {
  for (let n = 1; n <= 64; n++) {
    expect(maskedAfter(n, n, "linear")).toEqual(Array.from({ length: n }, (_, i) => n - 1 - i));
  }
});

/** A rule at work on one block of four masks. */
function at(rule: CommitRule, options: Record<string, unknown>) {
  if (!("begin" in rule.choice)) throw new Error(`${rule.name} doesn't revise`);
  const reviser: Reviser = rule.choice.begin();
  const defaults = Object.entries(rule.options).map(([name, own]) => [name, own.default]);
  const all = { ...Object.fromEntries(defaults), ...options };
  return (candidates: readonly Candidate[], tentative: readonly Tentative[] = []) =>
    reviser.revise(candidates, blockOf(all, { numMasks: 4, numCommitted: tentative.length, tentative }));
}
const masked = (position: number, p: number): Candidate => ({ ...UNSURE, position, token: 7, logprob: Math.log(p) });
/** A token that stands there, and what this step's law says of it. */
const standing = (position: number, p: number, top = { token: 5, p }): Candidate => ({
  ...UNSURE,
  position,
  current: { token: 5, logprob: Math.log(p) },
  top: { token: top.token, logprob: Math.log(top.p) },
});

describe("p2", () => {
  it("writes the surest share of the block, of masks and of what stands there by this step's law", () => {
    const step = at(p2, { denoising_steps: 4 });
    expect(step([masked(0, 0.2), masked(1, 0.9), masked(2, 0.3), masked(3, 0.1)])).toMatchObject({
      commit: [1],
      remask: [],
      isSettled: false,
    });
    // Two of four: what was written has become unsure.
    const second = step([masked(0, 0.5), standing(1, 0.1), masked(2, 0.6), masked(3, 0.2)]);
    expect(second).toMatchObject({ commit: [2, 0], remask: [1], isSettled: false });
    step([standing(0, 0.9), masked(1, 0.8), standing(2, 0.9), masked(3, 0.2)]);
    const last = step([standing(0, 0.9), standing(1, 0.01), standing(2, 0.9), masked(3, 0.2)]);
    expect(last).toMatchObject({ commit: [3], remask: [], isSettled: true });
  });

  it("ranks what stands there by its own probability, not by that of the token drawn for its place", () => {
    const secondStep = (own: number, drawnThere: number) => {
      const step = at(p2, { denoising_steps: 4 });
      step([masked(0, 0.2), masked(1, 0.9), masked(2, 0.3), masked(3, 0.1)]);
      const written = { ...standing(1, own), logprob: Math.log(drawnThere) };
      return step([masked(0, 0.3), written, masked(2, 0.4), masked(3, 0.2)]);
    };
    // Two of four are written, the surest: 0.4 and 0.3 beside 0.1; 0.8 and 0.4.
    expect(secondStep(0.1, 0.8)).toMatchObject({ commit: [2, 0], remask: [1] });
    expect(secondStep(0.8, 0.1)).toMatchObject({ commit: [2], remask: [] });
  });
});

describe("mask_predict", () => {
  it("writes all and masks the worst again, fewer each time, by the probability that a token was written with", () => {
    const step = at(maskPredict, { denoising_steps: 4 });
    const first = step([masked(0, 0.2), masked(1, 0.9), masked(2, 0.3), masked(3, 0.1)]);
    expect(first).toEqual({ commit: [0, 1, 2, 3], remask: [3, 0, 2], isSettled: false });
    const kept = [{ position: 1, token: 7, logprob: Math.log(0.9) }];
    // Two again: the new tokens are surer than the one that stands.
    const second = step([masked(0, 0.95), masked(2, 0.4), masked(3, 0.99)], kept);
    expect(second).toEqual({ commit: [0, 1, 2], remask: [2, 1], isSettled: false });
    const rest = [0, 3].map((position) => ({ position, token: 7, logprob: Math.log(0.95) }));
    expect(step([masked(1, 0.5), masked(2, 0.4)], rest)).toEqual({ commit: [0, 1], remask: [2], isSettled: false });
    const more = [...rest, { position: 1, token: 7, logprob: Math.log(0.5) }];
    expect(step([masked(2, 0.4)], more)).toEqual({ commit: [0], remask: [], isSettled: true });
  });

  it("in one step is all at once", async () => {
    const all = await write({ commit_rule: "quota", denoising_steps: 1 });
    expect((await write({ commit_rule: "mask_predict", denoising_steps: 1 })).texts).toEqual(all.texts);
  });
});

describe("edit", () => {
  it("writes over what another token has become sure for, and ends when a step changes nothing", () => {
    const step = at(edit, { threshold: 0.8, editing_threshold: 0.7 });
    expect(step([masked(0, 0.9), masked(1, 0.85), masked(2, 0.3)])).toMatchObject({ commit: [0, 1], rewrite: [] });
    const second = step([
      standing(0, 0.1, { token: 8, p: 0.75 }),
      standing(1, 0.2, { token: 8, p: 0.69 }),
      masked(2, 0.5),
    ]);
    // The last mask is written, and the next step may still find something.
    expect(second).toMatchObject({ commit: [2], rewrite: [0], isSettled: false });
    // Only what is surer than a limit is written or edits.
    expect(step([masked(0, 0.9), masked(1, 0.8), masked(2, 0.81)])).toMatchObject({ commit: [0, 2] });
    const atLimit = [standing(0, 0.1, { token: 8, p: 0.7 }), standing(1, 0.9), standing(2, 0.9)];
    expect(step(atLimit)).toMatchObject({ commit: [], rewrite: [], isSettled: true });
    const all = [standing(0, 0.9), standing(1, 0.9), standing(2, 0.9)];
    expect(step(all)).toMatchObject({ commit: [], rewrite: [], isSettled: true });
  });

  it("edits no longer than max_post_steps", () => {
    const restless = [standing(0, 0.1, { token: 8, p: 0.9 })];
    const step = at(edit, { editing_threshold: 0.5, max_post_steps: 2 });
    expect([step(restless), step(restless)].map(({ isSettled }) => isSettled)).toEqual([false, true]);
    const never = at(edit, { max_post_steps: 0 });
    expect(never([masked(0, 0.99)])).toMatchObject({ commit: [0], isSettled: true });
  });

  it("that edits nothing is threshold, without a step more to see that there is nothing", async () => {
    const plain = await write({ commit_rule: "threshold", threshold: 0.4 });
    const none = await write({ commit_rule: "edit", threshold: 0.4, editing_threshold: 1 });
    expect(none.done.ids).toEqual(plain.done.ids);
    expect(none.numTaken).toBe(0);
    expect(none.texts).toEqual(plain.texts);
    const more = write({ commit_rule: "edit", editing_threshold: 1, max_post_steps: 3 });
    await expect(more).rejects.toThrow(/^max_post_steps 3 changes nothing beside editing_threshold 1/);
  });
});
