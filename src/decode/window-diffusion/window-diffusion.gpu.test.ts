import { afterAll, beforeAll, expect, it } from "vitest";
import { fileSource } from "../../format/file-source.js";
import { loadArchitecture, loadTransformer } from "../../backend/webgpu/load/load.js";
import type { ForwardRequest } from "../../seam/forward.js";
import type { Session } from "../../seam/session.js";
import type { WebGpuModel } from "../../backend/webgpu/session/webgpu-model.js";
import { changedSession } from "../../testing/changed-session.js";
import { rehearse, stepsOf } from "../../testing/rehearsal.js";
import { windowDiffusion } from "./decoder.js";
import { fileDevice } from "../../testing/file-device.js";

const MASK = 5;
const PROMPT_IDS = [7, 30, 41, 99, 12];

const gpu = await fileDevice();
let model: WebGpuModel;
beforeAll(async () => {
  const source = fileSource("tests/fixtures/models/qwen3");
  // Random weights, read as those of a model that was trained to: what is tested is who sees whom, and what is kept.
  const masked = { causal: true, inPlace: true, maskToken: MASK, eosTokens: [] };
  model = await loadTransformer(gpu, source, { ...(await loadArchitecture(source)), ...masked });
});
afterAll(() => {
  model.dispose();
});

async function write(target: Session, options: Record<string, unknown>) {
  const run = { decoder: windowDiffusion, models: { target: model }, target, promptIds: PROMPT_IDS };
  const { events } = await rehearse({ ...run, options: { max_new_tokens: 24, temperature: 0.9, seed: 3, ...options } });
  const { rows } = target.counts;
  target.dispose();
  // Edits carry the log-probabilities.
  return { edits: stepsOf(events).map(({ edits }) => edits), rows };
}

it.each([
  { entropy_threshold: 5.4 },
  { commit_rule: "first_hitting", window_length: 9 },
  { commit_rule: "threshold", threshold: 0.02, window_length: 12, max_new_tokens: 8 },
])("window diffusion writes bit for bit what it writes without a cache: %o", async (options) => {
  const forgetful = changedSession(
    model.session(),
    (request) => request,
    (session) => session.truncate(0),
  );
  const cached = await write(model.session(), options);
  const uncached = await write(forgetful, options);
  expect(cached.edits).toEqual(uncached.edits);
  expect(cached.rows).toBeLessThan(uncached.rows);
});

it("window diffusion writes otherwise where what is known stands behind masks", async () => {
  const options = { commit_rule: "first_hitting", window_length: 9 };
  /** In the order of the text, as a next-token model reads: the cache stays what it is, but masks see less. */
  const inPlace = (request: ForwardRequest): ForwardRequest => {
    const { tokens, positions = [], rows } = request;
    const order = positions.map((_, i) => i).sort((a, b) => positions[a] - positions[b]);
    const asked = new Set(rows as number[]);
    return {
      ...request,
      tokens: order.map((i) => tokens[i]),
      positions: order.map((i) => positions[i]),
      rows: order.flatMap((i, row) => (asked.has(i) ? [row] : [])),
    };
  };
  const plain = await write(model.session(), options);
  expect((await write(changedSession(model.session(), inPlace), options)).edits).not.toEqual(plain.edits);
});
