import { beforeAll, describe, expect, it } from "vitest";
import { withConfig } from "../../testing/with-config.js";
import { memorySource } from "../../format/source.js";
import { fileSource } from "../../format/file-source.js";
import type { GenerationEvent } from "../../vocabulary/events.js";
import { loadHead } from "../../extension/load-head.js";
import { type LoadedModel, loadModel } from "../../testing/load-model.js";
import type { ForwardRequest } from "../../seam/forward.js";
import type { Session } from "../../seam/session.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import { writeSafetensors } from "../../testing/write-safetensors.js";
import { changedSession } from "../../testing/changed-session.js";
import { generate } from "../engine/engine.js";
import { fileDevice } from "../../testing/file-device.js";

const BLOCK = 8;

const gpu = await fileDevice();
let diffusion: LoadedModel;
beforeAll(async () => {
  // Two of its layers: bits must be equal whatever they say.
  const source = withConfig(fileSource("public/models/story-diffusion"), { num_hidden_layers: 2 });
  diffusion = await loadModel(gpu, source);
});

/** A session that keeps nothing from one forward to the next. */
function uncachedSession(): Session {
  const forget = (session: Session) => session.truncate(0);
  return changedSession(diffusion.model.session(), (request) => request, forget);
}

async function write(target: Session, options: Record<string, unknown>, begun: readonly number[] = []) {
  const edits: unknown[] = [];
  const emit = (event: GenerationEvent) => {
    if (event.type === "step") edits.push(event.edits);
  };
  const { tokenizer, model } = diffusion;
  const done = await generate(
    {
      decoder: blockDiffusion,
      promptIds: [...tokenizer.promptIds("Once upon a time there was a"), ...begun],
      tokenizer,
      capabilities: model.capabilities,
      target,
      options: { block_length: BLOCK, max_new_tokens: 28, logit_bias: { "0": -100 }, ...options },
    },
    emit,
  );
  return { ids: done.ids, edits, rows: target.counts.rows };
}

describe("block diffusion on the GPU", () => {
  const CASES: Record<string, unknown>[] = [
    { temperature: 0, threshold: 0.5 },
    { temperature: 0.9, seed: 3, denoising_steps: 3 },
    { temperature: 1, seed: 4, denoising_steps: 8, order: "random", max_new_tokens: 20 },
    { temperature: 0, threshold: 0.5, block_length: 4, max_new_tokens: 14 },
    { temperature: 0.7, seed: 2, denoising_steps: 3, cfg_scale: 1.5, max_new_tokens: 20 },
    { temperature: 0.8, seed: 6, denoising_steps: 3, block_align: "prompt_end", max_new_tokens: 20 },
  ];

  it.each(CASES)(
    "writes bit for bit what it writes without a cache, and only thanks to storing: %o",
    async (options) => {
      const block = Number(options.block_length ?? BLOCK);
      const cached = await write(diffusion.model.session(), options);
      const uncached = await write(uncachedSession(), options);
      // Edits carry the log-probabilities.
      expect(uncached.edits).toEqual(cached.edits);
      expect(uncached.ids).toEqual(cached.ids);
      expect(uncached.rows).toBeGreaterThan(1.3 * cached.rows);

      // A block's keys left as its last denoise step had them: the same run without the storing forwards.
      let lastDenoised: ForwardRequest["tokens"] = [];
      const stale = changedSession(diffusion.model.session(), (request) => {
        const isStoring = request.keep === block && request.tokens.length === 2 * block && lastDenoised.length > 0;
        const tokens = isStoring ? [...lastDenoised, ...request.tokens.slice(block)] : request.tokens;
        lastDenoised = request.tokens.slice(-block);
        return { ...request, tokens };
      });
      expect((await write(stale, options)).edits).not.toEqual(cached.edits);
    },
  );

  it("in blocks of several lengths writes bit for bit what it writes without a cache", async () => {
    const options = {
      block_length: null,
      block_rule: "entropy_run",
      block_entropy: 5.2,
      threshold: 0.4,
      seed: 5,
      temperature: 0.8,
    };
    const cached = await write(diffusion.model.session(), options);
    const uncached = await write(uncachedSession(), options);
    expect(uncached.edits).toEqual(cached.edits);
    expect(uncached.rows).toBeGreaterThan(cached.rows);
    const opened = (cached.edits as { op: string }[][]).map(
      (edits) => edits.filter(({ op }) => op === "insert").length,
    );
    expect(new Set(opened.filter((count) => count > 0)).size).toBeGreaterThan(1);
  });

  it("in blocks by a policy that always says the same writes what fixed ones of that length write", async () => {
    const tensors = new Map([
      [
        "policy.weight",
        {
          shape: [2, diffusion.architecture.hiddenSize],
          values: new Float32Array(2 * diffusion.architecture.hiddenSize),
        },
      ],
      ["policy.bias", { shape: [2], values: Float32Array.of(-1, 1) }],
    ]);
    const files = new Map<string, unknown>([
      ["config.json", { model_type: "block_policy", block_lengths: [16, BLOCK] }],
      ["model.safetensors", writeSafetensors(tensors)],
    ]);
    await loadHead(diffusion.model, memorySource(files, "memory:policy"));
    const options = { threshold: 0.4, seed: 5, temperature: 0.8 };
    const own = { block_length: null, block_rule: "policy", min_block_length: BLOCK };
    const [chosen, fixed] = [
      await write(diffusion.model.session(), { ...options, ...own }),
      await write(diffusion.model.session(), options),
    ];
    expect(chosen.edits).toEqual(fixed.edits);
    // A forward more a block, of rows that are else read with the next one.
    expect(chosen.rows).toBe(fixed.rows);
  });

  it("is guided by a classifier until the text is of its class", async () => {
    const word = 900;
    const options = { temperature: 0, commit_rule: "left_to_right", max_new_tokens: 12 };
    const guided = { ...options, classifier_weights: { [word]: 50 }, classifier_bias: -20 };
    const { ids } = await write(diffusion.model.session(), guided);
    expect(ids[0]).toBe(word);
    // Sure of its class, the text goes on as any text behind that word.
    expect(ids.slice(1)).toEqual((await write(diffusion.model.session(), options, [word])).ids.slice(0, 11));
  });
});
