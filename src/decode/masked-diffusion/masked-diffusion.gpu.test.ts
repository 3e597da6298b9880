import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { withConfig } from "../../testing/with-config.js";
import { fileSource } from "../../format/file-source.js";
import { JOINT_NORMS } from "../../extension/joint-sampler/key.js";
import { loadArchitecture, loadTransformer } from "../../backend/webgpu/load/load.js";
import { randomHead } from "../../testing/random-head.js";
import type { WebGpuModel } from "../../backend/webgpu/session/webgpu-model.js";
import { maskedDiffusion } from "./decoder.js";
import { rehearse, stepsOf } from "../../testing/rehearsal.js";
import { fileDevice } from "../../testing/file-device.js";

const PROMPT_IDS = [7, 30, 41, 99, 12];
const SHORT = { block_length: 7, denoising_steps: 3 };
const MASKED = { causal: false, bidirectional: true, inPlace: true, maskToken: 5, eosTokens: [] };

const gpu = await fileDevice();
let model: WebGpuModel;
beforeAll(async () => {
  const source = fileSource("tests/fixtures/models/qwen3");
  const architecture = await loadArchitecture(source);
  // Random weights, read as a masked model's: what is tested is who sees whom, and what is kept.
  model = await loadTransformer(gpu, source, { ...architecture, ...MASKED });
});
afterAll(() => {
  model.dispose();
});

async function write(options: Record<string, unknown>, on = model) {
  const target = on.session();
  const { events, done } = await rehearse({
    decoder: maskedDiffusion,
    models: { target: on },
    target,
    promptIds: PROMPT_IDS,
    options: { max_new_tokens: 20, commit_rule: "quota", ...options },
  });
  const { rows } = target.counts;
  target.dispose();
  // Edits carry the log-probabilities.
  return { edits: stepsOf(events).map(({ edits }) => edits), rows, done };
}

it.each(["prefix", "dual", "delayed"])(
  "masked diffusion with the cache %s: the first step bit for bit as without, then less work and other text",
  async (cache) => {
    const plain = await write(SHORT);
    const cached = await write({ ...SHORT, cache });
    expect(cached.edits[0]).toEqual(plain.edits[0]);
    expect(cached.edits).not.toEqual(plain.edits);
    expect(cached.rows).toBeLessThan(0.9 * plain.rows);
  },
);

it.each(["prefix", "dual", "delayed"])(
  "masked diffusion with the cache %s errs by nothing where what it keeps can't change: in a model of one layer",
  async (cache) => {
    const source = withConfig(fileSource("tests/fixtures/models/qwen3"), { num_hidden_layers: 1 });
    const shallow = await loadTransformer(gpu, source, { ...(await loadArchitecture(source)), ...MASKED });
    const [plain, cached] = [await write(SHORT, shallow), await write({ ...SHORT, cache }, shallow)];
    shallow.dispose();
    expect(cached.edits).toEqual(plain.edits);
    expect(cached.rows).toBeLessThan(0.9 * plain.rows);
  },
);

describe("a joint sampler on the GPU", () => {
  let stories: WebGpuModel;
  afterEach(() => stories.dispose());

  /** Random weights but in this norm, which scales what the sampler adds to the states. */
  async function withSampler(gain: number) {
    const source = fileSource("public/models/stories260k");
    const config = (await source.json("config.json")) as Record<string, unknown>;
    const own = (name: string, [size]: readonly number[]) =>
      name === JOINT_NORMS.last ? new Float32Array(size).fill(gain) : null;
    const architecture = { ...(await loadArchitecture(source)), ...MASKED };
    const head = randomHead(config, 6, { kind: "joint", own }).source;
    stories = await loadTransformer(gpu, source, architecture, { head });
  }

  const write20 = async (options: Record<string, unknown>) =>
    (await write({ block_length: 20, confidence: "neg_entropy", ...options }, stories)).done;

  it.each([true, false])(
    "that adds nothing leaves the laws as the model's last forward said them (in place: %s)",
    async (inPlace) => {
      await withSampler(0);
      stories.capabilities.inPlace = inPlace;
      const joint = await write20({ joint_steps: 4 });
      expect(joint.metrics).toMatchObject({ forwards: 5, draftForwards: 15 });
      expect(joint.ids).toEqual((await write20({ denoising_steps: 5 })).ids);
      expect(joint.ids).not.toEqual((await write20({})).ids);
    },
  );

  it("that adds something changes what is written, the same for the same seed, also under a rule that remembers laws", async () => {
    await withSampler(1);
    const options = { joint_steps: 4, temperature: 0.8, seed: 3 };
    const joint = await write20(options);
    expect((await write20(options)).ids).toEqual(joint.ids);
    expect(joint.ids).not.toEqual((await write20({ denoising_steps: 5, temperature: 0.8, seed: 3 })).ids);
    const klass = await write20({ ...options, commit_rule: "klass", threshold: 0.3, kl_threshold: 10, kl_history: 1 });
    expect(klass.ids).toHaveLength(20);
  });
});
