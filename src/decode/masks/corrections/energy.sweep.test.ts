// Over 300 lines: the law of weighed fillings by enumeration, and the options that it is enumerated under.
import type { Sample } from "../../../seam/questions/sample.js";
import { describe, expect, it, vi } from "vitest";
import type { Law } from "../../../backend/host/law.js";
import { tabularLaw } from "../../../testing/laws.js";
import { mockModel } from "../../../backend/host/mock.js";
import type { Model } from "../../../seam/model.js";
import type { Rows } from "../../../seam/rows.js";
import { GREEDY } from "../../../seam/sampler.js";
import { blockDiffusion } from "../../block-diffusion/decoder.js";
import { Energy, ENERGY_OPTIONS, weightsOf } from "./energy.js";
import { blockLaw } from "../../../testing/law-oracle.js";
import { SAMPLINGS } from "../../../testing/law-rows.js";
import { maskedDiffusion } from "../../masked-diffusion/decoder.js";
import type { Paths } from "../../../testing/paths.js";
import { hashedModels, rehearse } from "../../../testing/rehearsal.js";
import { IS_WHOLE } from "../../../testing/test-depth.js";
import {
  CRITICAL,
  chiSquare,
  distance,
  drawn,
  enumerated,
  exactLaw,
  FIRST,
  JOINT,
  tabular,
  tabularFull,
} from "../../../testing/tabular.js";

/** A next-token model that knows the joint, of the masked model's vocabulary. */
function causal() {
  const law = tabularLaw(JOINT, null);
  // How much the mask gets differs from row to row: it must not count.
  const logits: typeof law.logits = (cell, seen) => Float64Array.from([...law.logits(cell, seen), 3 * cell.token]);
  const withMask = { ...law, logits };
  return mockModel({ law: withMask, capabilities: { vocabSize: JOINT.numTokens + 1, maxLength: JOINT.length } });
}

/** How often each text comes out of `n` seeds, with a next-token model at hand. */
function weighed(n: number, options: Record<string, unknown>, decoder = blockDiffusion): Promise<number[]> {
  return drawn(n, decoder, decoder === blockDiffusion ? tabular(4) : tabularFull(), options, causal());
}

/** By name, as they are unless asked. */
const OPTIONS = Object.fromEntries(Object.entries(ENERGY_OPTIONS).map(([name, option]) => [name, option.default]));

/** What a step's rows are for `choose`: candidate `first` + j is token j + 1 in the one masked row. */
const twoCandidates = (first: number) =>
  ({
    ask: ({ draw }: Sample) => ({ read: async () => [{ token: draw - first + 1, logprob: -1 }] }),
  }) as unknown as Rows;

/** What the fillings are written behind, where they are enumerated. */
const prompt = [FIRST, 0];

/** The law of text that is filled in one step, over every way that draws and the choice among fillings can fall. */
async function lawOfFillings(options: Record<string, unknown>): Promise<Float64Array> {
  const begin = (paths: Paths) => {
    vi.spyOn(Energy.prototype, "pick").mockImplementation((weights) => paths.choose(weights));
  };
  const own = { denoising_steps: 1, ...options };
  const { law } = await enumerated(blockDiffusion, tabular(4), own, { draft: causal(), prompt, begin });
  vi.restoreAllMocks();
  return law;
}

describe("what weighed fillings come to", () => {
  const all = SAMPLINGS.filter(({ temperature }) => temperature > 0);
  const samplings = IS_WHOLE ? all : all.filter((_, i) => i % 5 === 0);

  // Exact for any number of candidates if it is for two: what two give is no law that another weight could give.
  it.each(samplings)("is the law that the label names, by every pair of them: %o", async (sampling) => {
    const { stated, drawn: own } = blockLaw(sampling, prompt);
    const expected = new Float64Array(own.length);
    for (const [x, p] of own.entries()) {
      for (const [y, q] of own.entries()) {
        if (p === 0 || q === 0) continue;
        const [a, b] = [stated[x] / p, stated[y] / q];
        expected[x] += (p * q * a) / (a + b);
        expected[y] += (p * q * b) / (a + b);
      }
    }
    const law = await lawOfFillings({ energy_candidates: 2, ...sampling });
    expect(distance(law, expected)).toBeLessThan(1e-9);
    expect(distance(own, stated)).toBeGreaterThan(1e-3);
  });

  const temperatures = IS_WHOLE ? [0.5, 0.7, 1, 1.3] : [0.5];
  it.each(temperatures)(
    "is it to the noise of the draws, with 48 of them, at temperature %d",
    async (temperature) => {
      const n = IS_WHOLE ? 3000 : 300;
      const counts = await weighed(n, { denoising_steps: 1, energy_candidates: 48, temperature });
      const { stated } = blockLaw({ temperature }, [FIRST]);
      expect(chiSquare(counts, stated)).toBeLessThan(CRITICAL);
      const noise = stated.reduce((sum, p) => sum + Math.sqrt((2 * p * (1 - p)) / (Math.PI * n)) / 2, 0);
      expect(distance(shares(counts), stated)).toBeLessThan(1.5 * noise);
    },
    120_000,
  );
});

const shares = (counts: readonly number[]) => {
  const total = counts.reduce((a, b) => a + b, 0);
  return Float64Array.from(counts, (count) => count / total);
};

describe("fillings weighed by an autoregressive model", () => {
  it("come closer to its law with more of them", async () => {
    const { stated } = blockLaw({ temperature: 1 }, prompt);
    const off: number[] = [];
    for (const energy_candidates of IS_WHOLE ? [1, 2, 3] : [1, 2])
      off.push(distance(await lawOfFillings({ energy_candidates }), stated));
    for (const [i, less] of off.slice(1).entries()) expect(less).toBeLessThan(0.7 * off[i]);
    const counts = await weighed(IS_WHOLE ? 1500 : 600, { denoising_steps: 1, energy_candidates: 16 });
    expect(chiSquare(counts, exactLaw())).toBeLessThan(CRITICAL);
  });

  it("are chosen by other noise in each step and for each seed", async () => {
    // Any next token is as likely as another, so that noise alone chooses among two.
    const law: Law = { key: () => 0, logits: () => new Float64Array(4) };
    const model = mockModel({ law, capabilities: { vocabSize: 4, maxLength: 8 } });
    const energy = new Energy(model.session(), 8, { ...OPTIONS, energy_candidates: 2 });
    const filling = { ids: [1, 3], mask: 3, positions: [1], start: 1, size: 1 };
    const second = async (steps: readonly number[], seeds: readonly number[]) => {
      let count = 0;
      for (const seed of seeds) {
        for (const first of steps)
          count += await energy.choose(twoCandidates(first), { ...GREEDY, temperature: 1, seed }, first, filling);
      }
      return count;
    };
    const many = Array.from({ length: 200 }, (_, i) => 2 * i);
    // 200 tosses of a coin: five standard deviations from 100 are 35.
    expect(Math.abs((await second(many, [7])) - 100)).toBeLessThan(36);
    expect(Math.abs((await second([4], many)) - 100)).toBeLessThan(36);
  });

  it("are weighed by all that is known behind a hole, also by more than one forward scores", async () => {
    const { draft } = hashedModels("causal", { maxLength: 256 });
    const logprobOf = async (ids: readonly number[]) => {
      const logits = await draft.session().forward({ tokens: ids, attend: "causal", keep: 0 }).logits();
      return ids.slice(1).reduce((sum, token, row) => {
        const own = logits.slice(row * 13, row * 13 + 12);
        return sum + own[token] - Math.log(own.reduce((total, logit) => total + Math.exp(logit), 0));
      }, 0);
    };
    const energy = new Energy(draft.session(), 256, { ...OPTIONS, energy_candidates: 2, energy_temperature: 20 });
    const pick = vi.spyOn(energy, "pick");
    for (const numBehind of [3, 63, 64, 65, 150]) {
      const behind = Array.from({ length: numBehind }, (_, i) => (7 * i + 3) % 12);
      const texts = [1, 2].map((token) => [0, 5, token, ...behind]);
      const filling = { ids: [0, 5, 12, ...behind], mask: 12, positions: [2], start: 2, size: 1 };
      const sampler = { ...GREEDY, temperature: 1, suppress: [12] };
      // A step before has left something else behind.
      for (const first of [0, 0]) await energy.choose(twoCandidates(first), sampler, first, filling);
      const expected = weightsOf((await Promise.all(texts.map(logprobOf))).map((logprob) => logprob / 20));
      for (const [weights] of pick.mock.calls.splice(0)) {
        weights.forEach((weight, i) => {
          expect(weight).toBeCloseTo(expected[i], 5);
        });
      }
    }
  });

  it("have it on a whole canvas too", async () => {
    const [one, many] = [1, 16].map((energy_candidates) =>
      weighed(600, { denoising_steps: 1, energy_candidates }, maskedDiffusion),
    );
    expect(chiSquare(await one, exactLaw())).toBeGreaterThan(CRITICAL);
    expect(chiSquare(await many, exactLaw())).toBeLessThan(CRITICAL);
  });

  it("keep that law over steps, in which each draws its own", async () => {
    const counts = await weighed(600, { denoising_steps: 3, order: "random", energy_candidates: 16 });
    expect(chiSquare(counts, exactLaw())).toBeLessThan(CRITICAL);
  });

  it.each([blockDiffusion, maskedDiffusion])("are the model's own where one is drawn: $name", async (decoder) => {
    expect(await weighed(60, { denoising_steps: 2, energy_candidates: 1 }, decoder)).toEqual(
      await weighed(60, { denoising_steps: 2 }, decoder),
    );
  });

  it("are weighed with what is known behind a hole", async () => {
    const { target, draft } = { target: tabularFull(), draft: causal() };
    const law = exactLaw();
    // The joint of the two in the hole, given what follows it.
    const last = 2;
    const given = law.filter((_, index) => index % 3 === last);
    const total = given.reduce((a, b) => a + b, 0);
    const off = async (energy_candidates: number) => {
      const counts = new Array<number>(9).fill(0);
      for (let seed = 0; seed < 800; seed++) {
        const sizes = { block_length: 2, denoising_steps: 1, energy_candidates };
        const options = { infill: true, temperature: 1, seed, ...sizes };
        const run = { decoder: maskedDiffusion, models: { target, draft }, promptIds: [FIRST, 3, 3, last] };
        const [a, b] = (await rehearse({ ...run, options })).done.ids;
        counts[a * 3 + b]++;
      }
      return distance(
        shares(counts),
        given.map((p) => p / total),
      );
    };
    expect(await off(16)).toBeLessThan(0.7 * (await off(1)));
  });

  it("are weighed while a hole is masked as a whole, whatever stands behind it", async () => {
    const weighings = async (options: Record<string, unknown>, promptIds: readonly number[]) => {
      const models = { target: tabularFull(), draft: causal() };
      const sizes = { infill: true, temperature: 1, denoising_steps: 1, energy_candidates: 2 };
      return (
        (await rehearse({ decoder: maskedDiffusion, models, promptIds, options: { ...sizes, ...options } })).done
          .metrics.draftForwards > 0
      );
    };
    for (const block_length of [2, 32]) {
      expect(await weighings({ energy_to: 1, block_length }, [FIRST, 3, 3, 2])).toBe(true);
      expect(await weighings({ energy_from: 0.9, block_length }, [FIRST, 3, 3, 2])).toBe(false);
    }
  });

  it("aren't weighed where the block is masked more or less than asked", async () => {
    const plain = await weighed(40, { denoising_steps: 1 });
    const never = { denoising_steps: 1, energy_candidates: 48 };
    expect(await weighed(40, { ...never, energy_from: 0.5 })).toEqual(plain);
    expect(await weighed(40, { ...never, energy_to: 1 })).toEqual(plain);
    expect(await weighed(40, never)).not.toEqual(plain);
  });

  it("have weights that follow their energies: even for equal ones, whatever their size", () => {
    expect(weightsOf([-900, -900, -900])).toEqual([1 / 3, 1 / 3, 1 / 3]);
    const [a, b] = weightsOf([Math.log(3), 0]);
    expect(a / b).toBeCloseTo(3, 12);
  });

  it.each(["quota", "threshold", "remdm", "p2", "mask_predict", "edit"])(
    "are drawn in each step of %s with noise that no step before had",
    async (commit_rule) => {
      const models = hashedModels("blocks");
      const session = models.target.session();
      const draws: Set<string>[] = [];
      const forward = session.forward.bind(session);
      session.forward = (request) => {
        const rows = forward(request);
        const used = new Set<string>();
        draws.push(used);
        const ask = rows.ask.bind(rows);
        rows.ask = (question) => {
          if (question.kind === "sample") used.add(String((question as Sample).draw));
          return ask(question);
        };
        return rows;
      };
      const steps = ["threshold", "edit"].includes(commit_rule) ? { threshold: 0.3 } : { denoising_steps: 6 };
      for (const seed of [1, 2, 3, 4]) {
        const options = { commit_rule, ...steps, block_length: 8, max_new_tokens: 8, energy_candidates: 3, seed };
        const run = { decoder: blockDiffusion, models, promptIds: [0, 3, 4, 1, 2, 5, 6, 1], target: session };
        draws.length = 0;
        await rehearse({ ...run, options: { ...options, temperature: 1 } });
        const used = draws.filter(({ size }) => size > 0);
        expect(used.length).toBeGreaterThan(2);
        for (const [i, one] of used.entries()) {
          expect(one.size).toBe(3);
          for (const other of used.slice(0, i)) expect([...one].filter((draw) => other.has(draw))).toEqual([]);
        }
      }
    },
  );

  it("cost one forward of the other model a step, and leave the number of the first one's as it is", async () => {
    const run = { decoder: blockDiffusion, models: hashedModels("blocks"), promptIds: [0, 3, 4, 1] };
    const options = { max_new_tokens: 20, temperature: 1, denoising_steps: 2, block_length: 8 };
    const plain = await rehearse({ ...run, options });
    const weighed = await rehearse({ ...run, options: { ...options, energy_candidates: 4 } });
    const { forwards } = plain.done.metrics;
    expect(plain.done.metrics.draftForwards).toBe(0);
    expect(weighed.done.metrics).toMatchObject({ forwards, draftForwards: forwards });
    expect(weighed.done.metrics.forwardsBy).toEqual({ judge: forwards });
    expect(plain.done.metrics.forwardsBy).toEqual({});
    expect(weighed.events[0]).toMatchObject({ fidelity: "approximate" });
    // More than fit one forward: two texts of up to eight tokens each do, of 20 not.
    const many = await rehearse({ ...run, options: { ...options, energy_candidates: 20 } });
    expect(many.done.metrics.draftForwards).toBeGreaterThan(forwards);
  });
});

describe("what can't be weighed is refused by name", () => {
  const models = hashedModels("blocks");
  const write = (options: Record<string, unknown>, own: { target: Model; draft?: Model } = models) =>
    rehearse({
      decoder: blockDiffusion,
      models: own,
      promptIds: [0, 3, 4, 1],
      options: { temperature: 1, ...options },
    });

  it.each([
    [{ energy_candidates: 4, temperature: 0 }, /at temperature 0 are all the same/],
    [{ energy_from: 0.5 }, /energy_from needs energy_candidates of 2 or more/],
    [{ energy_candidates: 4, energy_from: 0.3, energy_to: 0.5 }, /energy_from 0\.3 and energy_to 0\.5 leave no share/],
    [{ energy_candidates: 4, energy_from: 0 }, /leave no share of masks/],
    [{ energy_candidates: 0 }, /energy_candidates can't be 0/],
  ])("%o", async (options, message) => {
    await expect(write(options)).rejects.toThrow(message);
  });

  it("without a model that weighs, or with one of a shorter context", async () => {
    const options = { energy_candidates: 4, max_new_tokens: 40 };
    await expect(write(options, { target: models.target })).rejects.toThrow(/needs a draft model/);
    const short = hashedModels("causal", { maxLength: 16 }).draft;
    await expect(write(options, { target: models.target, draft: short })).rejects.toThrow(/reads 16 tokens/);
  });
});
