import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadArchitecture, loadTransformer } from "../../backend/webgpu/load/load.js";
import { StateStore } from "../../backend/webgpu/session/state-store.js";
import { STATES } from "../../extension/states/key.js";
import { fileSource } from "../../format/file-source.js";
import { chooseContrast } from "../../sampling/contrast.js";
import type { Model } from "../../seam/model.js";
import type { Pending } from "../../seam/pending.js";
import { type Candidates, type Contrasted, contrast } from "../../seam/questions/contrast.js";
import { topK } from "../../seam/questions/top-k.js";
import { GREEDY } from "../../seam/sampler.js";
import { fileDevice } from "../../testing/file-device.js";
import { rehearse, stepsOf } from "../../testing/rehearsal.js";
import { tinyModel } from "../../testing/tiny-model.js";
import type { TokenId } from "../../vocabulary/events.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { contrastive } from "./decoder.js";

interface Golden {
  penalty_alpha: number;
  top_k: number;
  ids: number[];
  scores: number[];
  isotropy: number[];
}
const GOLDENS = JSON.parse(readFileSync("tests/fixtures/contrastive/goldens.json", "utf8")) as {
  models: Record<string, { prompt_ids: number[]; cases: Golden[] }>;
};
const CAUSAL = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };
const PROMPT = [1, 2, 3];

const gpu = await fileDevice();

/** The goldens stop at no end token. */
function endless(model: Model): Model {
  const capabilities = { ...model.capabilities, eosTokens: [] };
  return { name: model.name, capabilities, session: () => model.session(), dispose: () => model.dispose() };
}

describe.each(Object.entries(GOLDENS.models))("%s agrees with transformers", (name, { prompt_ids, cases }) => {
  let model: Model;
  beforeAll(async () => {
    const source = fileSource(`tests/fixtures/models/${name}`);
    model = endless(await loadTransformer(gpu, source, await loadArchitecture(source)));
  });
  afterAll(() => model.dispose());

  it.each(cases)(
    "on what alpha $penalty_alpha takes of $top_k candidates, its scores and isotropy",
    async ({ penalty_alpha: alpha, top_k: k, ids, scores, isotropy }) => {
      const session = model.session();
      const states = session.beside(STATES);
      const keep = prompt_ids.length;
      let candidates: Candidates = session
        .forward({ tokens: prompt_ids, attend: "causal", rows: "last", states, keep })
        .ask(topK(k));
      const taken: Contrasted[] = [];
      for (const _ of ids) {
        const tokens = Array.from({ length: k }, (_, i) => candidates.ref(i));
        const rows = session.forward({ tokens, attend: { parents: tokens.map(() => -1) }, states, keep: 0 });
        const chosen: Pending<Contrasted> = rows.ask(contrast(GREEDY, { alpha, states, candidates, k }));
        session.keep(chosen);
        candidates = chosen;
        taken.push(await chosen.read());
      }
      expect(taken.map(({ token }) => token)).toEqual(ids);
      for (const [i, { score }] of taken.entries()) expect(Math.abs(score - scores[i])).toBeLessThan(5e-5);
      for (const [i, { isotropy: own }] of taken.entries())
        expect(Math.abs((own ?? 9) - isotropy[i])).toBeLessThan(2e-5);
      session.dispose();
    },
  );

  it("on the text that the decoder writes without a look at it", async () => {
    const [{ penalty_alpha, top_k, ids, isotropy }] = cases;
    const options = { penalty_alpha, top_k, max_new_tokens: ids.length };
    const run = { decoder: contrastive, models: { target: model }, promptIds: prompt_ids, options };
    const { done, events, target } = await rehearse(run);
    expect(done.ids).toEqual(ids);
    expect(done.metrics).toMatchObject({ forwards: 1 + ids.length, waits: 0 });
    const reported = stepsOf(events).map(({ figures }) => figures?.isotropy ?? 9);
    for (const [i, value] of reported.entries()) expect(Math.abs(value - isotropy[i])).toBeLessThan(2e-5);
    target.dispose();
  });
});

describe("on a tiny model", () => {
  let tiny: Model;
  let padded: Model;
  let spoiled: Model;
  beforeAll(async () => {
    tiny = await tinyModel(gpu, 5, CAUSAL);
    padded = await tinyModel(gpu, 3, { ...CAUSAL, vocabSize: 133, numTokens: 5 }, (name, values) => {
      if (name === "lm_head.weight") for (let i = 5 * 12; i < values.length; i++) values[i] *= 40;
    });
    spoiled = await tinyModel(gpu, 7, CAUSAL, (name, values) => {
      if (name === "model.norm.weight") values[3] = Number.NaN;
    });
  });
  afterAll(() => {
    for (const model of [tiny, padded, spoiled]) model.dispose();
  });

  const write = (target: Model, options: Record<string, unknown>, decoder = contrastive) =>
    rehearse({ decoder, models: { target }, promptIds: PROMPT, options: { max_new_tokens: 40, ...options } });

  /** The law behind a text, and the state of its last token, on a session of its own. */
  async function behind(model: Model, text: readonly TokenId[]): Promise<{ law: Float64Array; state: Float64Array }> {
    const session = model.session();
    const room = session.beside(STATES);
    if (!(room instanceof StateStore)) throw new Error("no store of this backend");
    const rows = session.forward({ tokens: text, attend: "causal", rows: "last", states: room, keep: text.length });
    const logits = await rows.logits();
    const { states, rowBytes } = room.table;
    const state = new Float32Array(await gpu.queue.read(states, (text.length - 1) * rowBytes, rowBytes));
    session.dispose();
    const weights = Float64Array.from(logits, Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { law: weights.map((weight) => weight / total), state: Float64Array.from(state) };
  }

  it("it is what trying every candidate by itself gives, up to the last place of the context", async () => {
    const model = tiny;
    for (const [penalty_alpha, top_k] of [
      [0.6, 4],
      [0.2, 3],
      [0.8, 5],
    ]) {
      const text: TokenId[] = [...PROMPT];
      const states = await Promise.all(PROMPT.map((_, i) => behind(model, PROMPT.slice(0, i + 1))));
      while (text.length < model.capabilities.maxLength) {
        const { law } = states[states.length - 1];
        const offered = [...law.keys()].sort((a, b) => law[b] - law[a]).slice(0, top_k);
        const own = await Promise.all(offered.map((token) => behind(model, [...text, token])));
        const compared = own.map(({ state }, i) => ({ probability: law[offered[i]], state }));
        const { row } = chooseContrast(
          penalty_alpha,
          compared,
          states.map(({ state }) => state),
        );
        text.push(offered[row]);
        states.push(own[row]);
      }
      const { done, target } = await write(model, { penalty_alpha, top_k });
      expect(done.ids).toEqual(text.slice(PROMPT.length));
      expect(done.reason).toBe("length");
      target.dispose();
    }
  });

  it("it is the greedy text where likeness can't count", async () => {
    const greedy = await write(tiny, {}, autoregressive);
    for (const options of [{ penalty_alpha: 0 }, { top_k: 1 }, { penalty_alpha: 1e-30 }]) {
      const { done } = await write(tiny, options);
      expect(done.ids).toEqual(greedy.done.ids);
    }
  });

  it("it never writes an id that only pads the vocabulary", async () => {
    const { done } = await write(padded, { top_k: 4 });
    expect(done.ids).toHaveLength(13);
    expect(done.ids.every((id) => id < 5)).toBe(true);
    expect(done.metrics.rows).toBeGreaterThan(4 * 9);
  });

  it("it ends with an error that names the model whose logits aren't finite", async () => {
    const run = write(spoiled, {});
    await expect(run).rejects.toMatchObject({ code: "not_finite", message: expect.stringContaining(spoiled.name) });
  });

  it("in steady state nothing is made: no pipeline, bind group or buffer; and 20 bytes are read back a token", async () => {
    const target = tiny.session();
    const made = () => [gpu.kernels.pipelineCount, gpu.kernels.bindGroupCount, gpu.arena.bufferCount];
    const counts: unknown[] = [];
    for (let runs = 0; runs < 3; runs++) {
      const options = { max_new_tokens: 9 };
      const run = { decoder: contrastive, models: { target: tiny }, target, promptIds: PROMPT, options };
      const { done } = await rehearse({ ...run, stepsPerSync: 4 });
      expect(done.metrics.readbackBytes).toBe(20 * done.metrics.tokens);
      counts.push(made());
    }
    expect(counts[2]).toEqual(counts[1]);
    target.dispose();
  });
});
