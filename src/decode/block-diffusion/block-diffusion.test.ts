// Over 300 lines: one decoder's blocks, commits and refusals, on the same mock models.
import { describe, expect, it } from "vitest";
import type { TokenId } from "../../vocabulary/events.js";
import { mockModel } from "../../backend/host/mock.js";
import type { Law } from "../../backend/host/law.js";
import { conditional } from "../../testing/laws.js";
import type { ForwardRequest } from "../../seam/forward.js";
import type { Session } from "../../seam/session.js";
import { blockDiffusion } from "./decoder.js";
import { nextQuota } from "../masks/commit/quota.js";
import { hashedModels, rehearse, stepsOf } from "../../testing/rehearsal.js";
import {
  CRITICAL,
  chiSquare,
  distance,
  drawn,
  enumerated,
  enumeratedBySteps,
  exactLaw,
  FIRST,
  JOINT,
  lawBehind,
  sequentialLaw,
  tabular,
} from "../../testing/tabular.js";

describe("the law of block diffusion on a tabular model", () => {
  it.each([
    [4, "random", 162],
    [2, "random", 54],
  ])("is the joint with one commit per step, over every path: blocks of %i", async (blockLength, order, numPaths) => {
    const options = { denoising_steps: blockLength, order };
    const exact = await enumerated(blockDiffusion, tabular(blockLength), options);
    expect(exact.numPaths).toBe(numPaths);
    expect(distance(exact.law, exactLaw())).toBeLessThan(1e-6);
  });

  it("is the joint where blocks begin behind the prompt, too", async () => {
    const options = { denoising_steps: 2, order: "random", block_align: "prompt_end" };
    const { law } = await enumerated(blockDiffusion, tabular(2), options);
    expect(distance(law, exactLaw())).toBeLessThan(1e-6);
  });

  it("has a whole block behind the prompt where blocks begin there, and the same blocks where that changes nothing", async () => {
    const models = hashedModels("blocks", { maxLength: 800 });
    const write = (numPrompt: number, own: object, target = models.target.session()) => {
      const promptIds = Array.from({ length: numPrompt }, (_, i) => (i * 7) % 12);
      const options = { max_new_tokens: 21, threshold: 0.3, block_length: 8, temperature: 1, seed: 5, ...own };
      return rehearse({ decoder: blockDiffusion, models, promptIds, options, target });
    };
    const aligned = { block_align: "prompt_end" };
    const session = models.target.session();
    for (const numPrompt of [1, 8, 13, 299, 304]) {
      const behind = await write(numPrompt, aligned);
      const opened = stepsOf(behind.events)[0].edits.filter(({ op }) => op === "insert");
      expect(opened).toHaveLength(8);
      const absolute = await write(numPrompt, {});
      expect(String(behind.done.ids) === String(absolute.done.ids), `${numPrompt}`).toBe(numPrompt % 8 === 0);
      // A session that holds the beginning, read in other blocks or these.
      expect((await write(numPrompt, aligned, session)).done.ids).toEqual(behind.done.ids);
      const again = await write(numPrompt, aligned, session);
      expect(again.done.ids).toEqual(behind.done.ids);
      // And one that has read the prompt in one forward: the last token that each sees is its block's.
      const whole = models.target.session();
      const offset = numPrompt % 8;
      const ends = Array.from({ length: numPrompt }, (_, i) =>
        i < offset ? offset - 1 : offset + 8 * Math.floor((i - offset) / 8) + 7,
      );
      const tokens = ends.map((_, i) => (i * 7) % 12);
      whole.forward({ tokens, attend: { rank: ends }, rows: [], keep: numPrompt });
      expect((await write(numPrompt, aligned, whole)).done.ids).toEqual(behind.done.ids);
    }
    await expect(write(5, { ...aligned, block_rule: "entropy_run" })).rejects.toThrow(/leave block_align out/);
  });

  it("fills a hole of which the absolute blocks hold only a part", async () => {
    const models = hashedModels("blocks");
    const run = { decoder: blockDiffusion, models, promptIds: [0, 3, 4, 12, 12, 12, 5, 6] };
    const options = { infill: true, block_length: 4 };
    // The hole and what follows lie at 3 to 7: in two blocks of 4 from 0, and of 4 from 3 too, but not of 8.
    await expect(rehearse({ ...run, options })).rejects.toThrow(/in different blocks of 4/);
    const short = { ...run, promptIds: [0, 3, 4, 12, 12, 5, 6] };
    await expect(rehearse({ ...short, options })).rejects.toThrow(/in different blocks of 4/);
    const { done } = await rehearse({ ...short, options: { ...options, block_align: "prompt_end" } });
    expect(done.ids).toHaveLength(4);
  });

  it("stores a long prompt in pieces of whole blocks, and writes what it would write behind them", async () => {
    const long = Array.from({ length: 700 }, (_, i) => (i * 7) % 12);
    const models = hashedModels("blocks", { maxLength: 800 });
    const options = { max_new_tokens: 6, threshold: 0.3, block_length: 4 };
    const whole = await rehearse({ decoder: blockDiffusion, models, promptIds: long, options });
    // 512 of 700 tokens in two forwards of their own.
    expect(whole.target.counts.forwards).toBe(whole.done.metrics.steps + 2);
    const session = models.target.session();
    for (const tokens of [long.slice(0, 400), long.slice(400)]) {
      session.forward({ tokens, attend: { block: 4 }, rows: [], keep: tokens.length });
    }
    const stored = await rehearse({ decoder: blockDiffusion, models, promptIds: long, options, target: session });
    expect(stored.done.ids).toEqual(whole.done.ids);
  });

  it("is the product of marginals, not the joint, when all are committed at once", async () => {
    const { law } = await enumerated(blockDiffusion, tabular(4), { denoising_steps: 1, order: "random" });
    const marginals = [1, 2, 3].map((position) => conditional(JOINT, [FIRST], position));
    const product = Float64Array.from({ length: 27 }, (_, index) => {
      const ids = [Math.floor(index / 9), Math.floor(index / 3) % 3, index % 3];
      return ids.reduce((p, id, i) => p * marginals[i][id], 1);
    });
    expect(distance(law, product)).toBeLessThan(1e-6);
    expect(distance(law, exactLaw())).toBeGreaterThan(0.05);
  });

  it("is the product of marginals given the blocks before, where each block is committed at once", async () => {
    const { law } = await enumerated(blockDiffusion, tabular(2), { denoising_steps: 1, order: "random" });
    // The first block holds the prompt and one token, the second one the other two.
    const product = Float64Array.from({ length: 27 }, (_, index) => {
      const ids = [Math.floor(index / 9), Math.floor(index / 3) % 3, index % 3];
      const given = [FIRST, ids[0]];
      return (
        conditional(JOINT, [FIRST], 1)[ids[0]] *
        conditional(JOINT, given, 2)[ids[1]] *
        conditional(JOINT, given, 3)[ids[2]]
      );
    });
    expect(distance(law, product)).toBeLessThan(1e-6);
    expect(distance(law, exactLaw())).toBeGreaterThan(0.02);
  });

  it("is that of the tempered and cut conditionals where the sampler tempers and cuts", async () => {
    const options = { commit_rule: "left_to_right", temperature: 0.6, top_p: 0.8 };
    const law = sequentialLaw((written) => {
      const tempered = lawBehind([FIRST, ...written]).map((p) => p ** (1 / 0.6));
      const total = tempered.reduce((a, b) => a + b, 0);
      const sorted = [...tempered].sort((a, b) => b - a);
      const heldBefore = (count: number) => sorted.slice(0, count).reduce((a, b) => a + b, 0) / total;
      // The fewest that hold .8.
      const kept = sorted.filter((_, count) => heldBefore(count) < 0.8);
      return tempered.map((p) => (kept.includes(p) ? p : 0));
    });
    expect([...law].filter((p) => p > 0).length).toBeLessThan(27);
    expect(distance(await enumeratedBySteps(blockDiffusion, tabular(4), options), law)).toBeLessThan(1e-9);
    // Nor would untempered conditionals, cut alike, pass.
    const plain = await enumeratedBySteps(blockDiffusion, tabular(4), { ...options, temperature: 1 });
    expect(distance(plain, law)).toBeGreaterThan(0.02);
  });

  it("is the joint in draws too, and one-shot draws are told apart", async () => {
    const law = exactLaw();
    const draw = (options: Record<string, unknown>) => drawn(800, blockDiffusion, tabular(4), options);
    expect(chiSquare(await draw({ denoising_steps: 4, order: "random" }), law)).toBeLessThan(CRITICAL);
    expect(chiSquare(await draw({ denoising_steps: 4, order: "left_to_right" }), law)).toBeLessThan(CRITICAL);
    expect(chiSquare(await draw({ denoising_steps: 1 }), law)).toBeGreaterThan(CRITICAL);
  });
});

/** A session whose forwards go through `change` first and are followed by `after`. */
function altered(session: Session, change: (request: ForwardRequest) => ForwardRequest, after = () => {}): Session {
  return new Proxy(session, {
    get(inner, name) {
      if (name === "forward") {
        return (request: ForwardRequest) => {
          const rows = inner.forward(change(request));
          after();
          return rows;
        };
      }
      const value: unknown = Reflect.get(inner, name, inner);
      return typeof value === "function" ? value.bind(inner) : value;
    },
  });
}

describe("the cache of block diffusion", () => {
  const models = hashedModels("blocks");
  const base = { decoder: blockDiffusion, models, promptIds: [0, 3, 4, 1, 2, 6] };
  const options = [
    { threshold: 0.25, temperature: 0.8 },
    { denoising_steps: 2, order: "random", temperature: 1, seed: 3 },
    { denoising_steps: 8, block_length: 8, order: "left_to_right" },
  ].map((own) => ({ max_new_tokens: 21, ...own }));

  it("changes nothing: with everything recomputed at each step the events are the same", async () => {
    for (const own of options) {
      const cached = await rehearse({ ...base, options: own });
      const session = models.target.session();
      const target = altered(
        session,
        (request) => request,
        () => session.truncate(0),
      );
      const uncached = await rehearse({ ...base, options: own, target });
      expect(uncached.done.ids).toEqual(cached.done.ids);
      expect(uncached.events.map(({ type, ...event }) => "edits" in event && event.edits)).toEqual(
        cached.events.map(({ type, ...event }) => "edits" in event && event.edits),
      );
      expect(uncached.target.counts.rows).toBeGreaterThan(cached.target.counts.rows);
    }
  });

  it("holds the finished blocks: one that keeps them as they last were denoised writes another text", async () => {
    for (const own of options) {
      const cached = await rehearse({ ...base, options: own });
      const session = models.target.session();
      let denoised: ForwardRequest["tokens"] = [];
      const stale = (request: ForwardRequest): ForwardRequest => {
        const { keep } = request;
        const { length } = session;
        const old = denoised;
        denoised = [...new Array<TokenId>(length).fill(0), ...request.tokens];
        const isStoring = length > 0 || old.length > 0;
        if (keep === 0 || !isStoring) return request;
        return {
          ...request,
          tokens: request.tokens.map((token, row) => (row < keep ? (old[length + row] ?? token) : token)),
        };
      };
      const mutant = await rehearse({ ...base, options: own, target: altered(session, stale) });
      expect(mutant.done.ids).not.toEqual(cached.done.ids);
    }
  });

  it("costs b rows a step and b more for a finished block, stored with the next one's first step and never at the end", async () => {
    const { target, events } = await rehearse({
      ...base,
      promptIds: [0, 3, 4],
      options: { max_new_tokens: 9, denoising_steps: 4 },
    });
    // Prompt 3, blocks of 4: one mask in the first; then two blocks of four steps, each of which first stores the one before.
    expect(stepsOf(events)).toHaveLength(9);
    expect(target.counts).toMatchObject({ forwards: 9, rows: 4 + 2 * (8 + 3 * 4) });
    const long = await rehearse({
      ...base,
      promptIds: [0, 3, 4, 5, 6, 7, 8, 9],
      options: { max_new_tokens: 4, denoising_steps: 2 },
    });
    expect(long.target.counts).toMatchObject({ forwards: 2, rows: 12 + 4 });
    expect(long.target.length).toBe(8);
  });
});

describe("commits of block diffusion", () => {
  const models = hashedModels("blocks");
  const commitsPerStep = async (options: Record<string, unknown>, promptIds = [0, 3, 4, 1]) => {
    const { events } = await rehearse({ decoder: blockDiffusion, models, promptIds, options });
    return stepsOf(events).map(({ edits }) => edits.filter(({ op }) => op === "write").length);
  };

  it("are spread evenly over the steps of a block, and no step is spent without one", async () => {
    expect(await commitsPerStep({ max_new_tokens: 8, denoising_steps: 3 })).toEqual([2, 1, 1, 2, 1, 1]);
    expect(await commitsPerStep({ max_new_tokens: 8, denoising_steps: 4 })).toEqual(new Array(8).fill(1));
    expect(await commitsPerStep({ max_new_tokens: 8, steps: 8 })).toEqual(new Array(8).fill(1));
    expect(await commitsPerStep({ max_new_tokens: 8, steps: 3 })).toEqual([2, 2, 4]);
    expect(await commitsPerStep({ max_new_tokens: 8, threshold: 0 })).toEqual([4, 4]);
    expect(await commitsPerStep({ max_new_tokens: 3, denoising_steps: 1 }, [0, 1, 2, 3, 4, 5])).toEqual([2, 4]);
    expect(await commitsPerStep({ max_new_tokens: 6, denoising_steps: 2 }, [0, 1, 2, 3, 4, 5])).toEqual([1, 1, 2, 2]);
  });

  it("refuse fewer steps than there are blocks and more than there are masks, by name", async () => {
    await expect(commitsPerStep({ max_new_tokens: 8, steps: 1 })).rejects.toThrow(/steps can't be 1: .*2 blocks/);
    await expect(commitsPerStep({ max_new_tokens: 8, steps: 9 })).rejects.toThrow(/steps can't be 9: 8 masks to fill/);
    const inBlocks = commitsPerStep({ max_new_tokens: 8, denoising_steps: 5 });
    await expect(inBlocks).rejects.toThrow(/denoising_steps can't be 5: a block has 4 masks at most/);
    const infill = commitsPerStep({ infill: true, steps: 3 }, [0, 3, 12, 12]);
    await expect(infill).rejects.toThrow(/steps can't be 3: 2 masks to fill/);
    // A rule of chance may take more steps than there are masks: some open nothing.
    expect((await commitsPerStep({ max_new_tokens: 8, commit_rule: "ancestral", denoising_steps: 50 })).length).toBe(8);
  });

  it("of fewer steps than there are blocks are refused before the run starts", async () => {
    const seen: string[] = [];
    const onEvent = ({ type }: { type: string }) => void seen.push(type);
    const options = { max_new_tokens: 8, steps: 1, commit_rule: "ancestral" };
    const refused = rehearse({ decoder: blockDiffusion, models, promptIds: [0, 3, 4, 1], options, onEvent });
    await expect(refused).rejects.toThrow(/^steps can't be/);
    expect(seen, "events of a refused run").not.toContain("start");
  });

  it("add up to the number of masks for any number of steps", () => {
    for (let numMasks = 1; numMasks <= 9; numMasks++) {
      for (let numSteps = 1; numSteps <= 12; numSteps++) {
        const quotas: number[] = [];
        let committed = 0;
        while (committed < numMasks) {
          quotas.push(nextQuota(numMasks, numSteps, committed));
          committed += quotas[quotas.length - 1];
        }
        expect(committed).toBe(numMasks);
        expect(quotas).toHaveLength(Math.min(numMasks, numSteps));
        expect(Math.max(...quotas) - Math.min(...quotas)).toBeLessThanOrEqual(1);
      }
    }
  });

  it("never draw the mask id, even where it is the likeliest", async () => {
    const { done } = await rehearse({
      decoder: blockDiffusion,
      models: { target: tabular(4) },
      promptIds: [FIRST],
      options: { max_new_tokens: 3 },
    });
    for (const id of done.ids) expect(id).toBeLessThan(3);
  });

  it("go on until everything before the first end token is there, and the rest goes", async () => {
    const run = { decoder: blockDiffusion, promptIds: [0, 3, 4, 1] };
    const options = { max_new_tokens: 16, denoising_steps: 4, order: "random", temperature: 1, seed: 2 };
    const whole = await rehearse({ ...run, models, options });
    for (const eosToken of new Set(whole.done.ids)) {
      const ended = await rehearse({ ...run, models: hashedModels("blocks", { eosTokens: [eosToken] }), options });
      const steps = stepsOf(ended.events);
      const last = steps.at(-1);
      // The last commit was of the end token or of something before it: else the run would have ended a step earlier.
      const position = (slot: number) => ended.canvas.slots().findIndex(({ id }) => id === slot);
      expect(last?.edits.some((edit) => edit.op === "write" && position(edit.slot) >= 0)).toBe(true);
      expect(ended.canvas.ids().at(-1)).toBe(eosToken);
    }
  });
});

describe("models for block diffusion", () => {
  const run = { decoder: blockDiffusion, promptIds: [0] };

  it("need blocks and a mask token: what is missing is listed", async () => {
    const causal = rehearse({ ...run, models: hashedModels("causal") });
    await expect(causal).rejects.toThrow(/block-diffusion needs .*blocks.*mask token/);
  });
});

describe("models that predict a position of a block from the row before it", () => {
  /** Wants the id behind that of the row's own token; a mask's row wants a mask. */
  const counting: Law = {
    key: () => 0,
    logits: ({ token }) => Float64Array.from({ length: 21 }, (_, id) => (id === Math.min(token + 1, 20) ? 5 : 0)),
  };
  const shape = { causal: false, maskToken: 20, vocabSize: 21, maxLength: 64, blockLengths: [4, 8] };
  const write = async (inPlace: boolean, { promptIds = [0, 1, 2], ...options }: Record<string, unknown> = {}) => {
    const target = mockModel({ law: counting, capabilities: { ...shape, inPlace } });
    const how = { max_new_tokens: 9, commit_rule: "left_to_right", ...options };
    const run = { decoder: blockDiffusion, models: { target }, promptIds: promptIds as number[] };
    return rehearse({ ...run, options: how });
  };
  const counted = [3, 4, 5, 6, 7, 8, 9, 10, 11];

  it("read a block's first position from the end of the block before", async () => {
    expect((await write(false)).done.ids).toEqual(counted);
    expect((await write(true)).done.ids).not.toEqual(counted);
    for (const options of [
      { block_length: 8 },
      { block_align: "prompt_end" },
      { promptIds: [0, 1, 2, 3, 4, 5, 6, 7] },
    ]) {
      const { ids } = (await write(false, options)).done;
      expect(ids).toEqual(ids.map((_, i) => (options.promptIds?.length ?? 3) + i));
    }
  });

  it("read the block before again while a block's first position is open, and else each row as often as others do", async () => {
    const write = async (inPlace: boolean) => {
      const firstOpen: boolean[] = [];
      const { target } = await rehearse({
        decoder: blockDiffusion,
        models: hashedModels("blocks", { inPlace }),
        promptIds: [0, 3, 4, 1],
        options: { max_new_tokens: 8, block_length: 4, denoising_steps: 4 },
        onEvent(event) {
          if (event.type !== "step") return;
          const written = event.edits.flatMap((edit) => (edit.op === "write" ? [edit.slot] : []));
          firstOpen.push(!written.some((slot) => (slot - 4) % 4 === 0));
        },
      });
      return { ...target.counts, firstOpen };
    };
    const [own, shifted] = [await write(true), await write(false)];
    expect(shifted.forwards).toBe(own.forwards);
    // Of each block the steps before its first position is written, but for the first step, which stores the block before anyway.
    let numAgain = 0;
    for (const block of [0, 4]) numAgain += shifted.firstOpen.slice(block, block + 4).indexOf(false);
    expect(numAgain).toBeGreaterThan(0);
    expect(shifted.rows).toBe(own.rows + 4 * numAgain);
  });

  it("can't begin with a hole", async () => {
    await expect(write(false, { promptIds: [20, 1], infill: true })).rejects.toMatchObject({ code: "hole_first" });
  });
});
