// accept_bild and law_verdict on a model's rows, against the rule in float64.
import { judge } from "../../../seam/questions/judge.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { softmax } from "../../../sampling/processors.js";
import { noiseChance } from "../../../sampling/verify/chance.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";
import { decide } from "../../host/judging.js";
import { ARGMAX, type Selected } from "../../../seam/questions/sample.js";
import type { Model } from "../../../seam/model.js";
import type { Pending } from "../../../seam/pending.js";
import { GREEDY } from "../../../seam/sampler.js";
import { fileDevice } from "../../../testing/file-device.js";

const NUM_DRAFTS = 5;

const gpu = await fileDevice();
let target: Model;
let draft: Model;
beforeAll(async () => {
  const source = fileSource("public/models/stories260k");
  const architecture = await loadArchitecture(source);
  target = await loadTransformer(gpu, source, architecture);
  // Of the target's five layers: a model of its vocabulary that is often right.
  draft = await loadTransformer(gpu, source, {
    ...architecture,
    layers: architecture.layers.slice(0, 3),
  });
});
afterAll(() => {
  for (const model of [target, draft]) model.dispose();
});

/** The laws of logit rows, in float64. */
async function lawsOf(rows: { count: number; logits(): Promise<Float32Array> }): Promise<Float64Array[]> {
  const logits = await rows.logits();
  const vocab = logits.length / rows.count;
  return Array.from({ length: rows.count }, (_, i) =>
    softmax(Float64Array.from(logits.subarray(i * vocab, (i + 1) * vocab))),
  );
}

/** A round behind a prompt, judged on the GPU and in float64. */
async function judgedRound(
  prompt: readonly number[],
  limits: { fallback: number; rollback: number; isLiteral: boolean },
) {
  const sessions = { target: target.session(), draft: draft.session() };
  sessions.target.forward({ tokens: prompt.slice(0, -1), attend: "causal", rows: [], keep: prompt.length - 1 });
  const drafts: Pending<Selected[]>[] = [];
  const tokens: number[] = [];
  const sureness: number[] = [];
  for (let i = 0; i < NUM_DRAFTS; i++) {
    const read = i === 0 ? [...prompt] : [drafts[i - 1].ref(0)];
    const rows = sessions.draft.forward({ tokens: read, attend: "causal", rows: "last", keep: read.length });
    drafts.push(rows.ask(ARGMAX));
    const [law] = await lawsOf(rows);
    tokens.push(law.indexOf(Math.max(...law)));
    sureness.push(Math.max(...law));
  }
  const read = [prompt[prompt.length - 1], ...drafts.map((next) => next.ref(0))];
  const rows = sessions.target.forward({ tokens: read, attend: "causal", keep: 1 });
  const judging = { rule: "bild", drafts, ...limits } as const;
  const verdict = rows.ask(judge(GREEDY, judging));
  const laws = await lawsOf(rows);
  sessions.target.keep(verdict);
  const outcome = await verdict.read();
  const round = { tokens, parents: tokens.map((_, i) => i - 1), target: laws, raw: laws, sureness };
  const expected = decide(judging, round, noiseChance({ seed: 0, position: 0 }));
  expect(sessions.target.length).toBe(prompt.length + outcome.accepted);
  for (const session of Object.values(sessions)) session.dispose();
  return { outcome, expected, tokens, laws };
}

describe("Big Little Decoder's rule on the GPU", () => {
  it.each([
    { fallback: 0, rollback: 2, isLiteral: false },
    { fallback: 0, rollback: 0.7, isLiteral: true },
    { fallback: 0.4, rollback: 1000, isLiteral: false },
    { fallback: 1.01, rollback: 1, isLiteral: false },
  ])("decides as in float64: %o", async (limits) => {
    const lengths = new Set<number>();
    for (let i = 0; i < 10; i++) {
      const prompt = Array.from({ length: 6 }, (_, at) => (i * 37 + at * at * 11 + 260) % 512);
      const { outcome, expected, tokens, laws } = await judgedRound(prompt, limits);
      const { accepted, drafts, emitted, path } = outcome;
      expect({ accepted, drafts, last: emitted[accepted].token }).toEqual({
        accepted: expected.path.length,
        drafts: tokens,
        last: expected.token,
      });
      expect(path).toEqual(Array.from({ length: accepted + 1 }, (_, row) => row));
      emitted.forEach(({ token, logprob }, row) => {
        expect(token).toBe(row < accepted ? tokens[row] : expected.token);
        expect(logprob).toBeCloseTo(Math.log(laws[row][token]), 3);
      });
      lengths.add(accepted);
    }
    if (limits.fallback > 1) expect([...lengths]).toEqual([0]);
    else expect(lengths.size).toBeGreaterThan(1);
  });
});
