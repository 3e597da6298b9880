import { beforeAll, expect, it } from "vitest";
import { Canvas } from "../vocabulary/canvas.js";
import { autoregressive } from "../decode/autoregressive/decoder.js";
import { blockDiffusion } from "../decode/block-diffusion/decoder.js";
import type { Decoder } from "../decode/decoder.js";
import { generate } from "../decode/engine/engine.js";
import { speculative } from "../decode/speculative/decoder.js";
import type { FolderLoad, FolderModel } from "./folder-model.js";

const CASES: { decoder: Decoder; options: Record<string, unknown> }[] = [
  { decoder: autoregressive, options: { max_new_tokens: 12, temperature: 0.9, repetition_penalty: 1.2 } },
  { decoder: speculative, options: { max_new_tokens: 24, temperature: 0.9 } },
  { decoder: blockDiffusion, options: { max_new_tokens: 14, temperature: 0.9, denoising_steps: 3, order: "random" } },
  { decoder: blockDiffusion, options: { max_new_tokens: 14, temperature: 0.9, threshold: 0.4 } },
];

/** Runs that are stopped after every step and gone on with, on models of one backend. */
export function restartSuite(load: FolderLoad): void {
  let target: FolderModel;
  let diffusion: FolderModel;
  let draft: FolderModel;
  beforeAll(async () => {
    target = await load("stories260k", {});
    diffusion = await load("story-diffusion", { num_hidden_layers: 2 });
    draft = await load("stories260k", { num_hidden_layers: 3 });
  });

  it.each(CASES)(
    "$decoder.name, stopped after every step and gone on with from its canvas on new sessions, writes the same: $options",
    async ({ decoder, options }) => {
      const main = decoder === blockDiffusion ? diffusion : target;
      const promptIds = main.tokenizer.promptIds("Once upon a time there was");

      /** Runs on new sessions, from the prompt or a canvas; cancels after `maxSteps` steps. */
      async function run(canvas: Canvas, step: number, maxSteps: number) {
        const sessions = { target: main.model.session(), draft: draft.model.session() };
        const cancel = new AbortController();
        let numSteps = 0;
        if (maxSteps === 0) cancel.abort();
        const done = await generate(
          {
            decoder,
            canvas,
            step,
            tokenizer: main.tokenizer,
            capabilities: main.model.capabilities,
            draftCapabilities: draft.model.capabilities,
            ...sessions,
            signal: cancel.signal,
            options: { seed: 9, ...options },
          },
          (event) => {
            if (event.type === "step" && ++numSteps === maxSteps) cancel.abort();
          },
        );
        sessions.target.dispose();
        sessions.draft.dispose();
        return { done, canvas, numSteps };
      }
      const prompt = () =>
        Canvas.replay(
          promptIds.map(
            (token, slot) =>
              ({ op: "insert", slot, after: slot === 0 ? null : slot - 1, token, state: "prompt" }) as const,
          ),
        );

      const whole = await run(prompt(), 0, Number.POSITIVE_INFINITY);
      expect(whole.done.ids.length).toBeGreaterThan(4);
      expect(whole.numSteps).toBeGreaterThan(2);
      // One canvas on new sessions for every single step: whatever a step left outside the canvas is gone at the next.
      let { done, canvas } = await run(prompt(), 0, 0);
      for (let step = 0; done.reason === "cancelled"; step++) {
        expect(step).toBeLessThanOrEqual(whole.numSteps);
        ({ done, canvas } = await run(canvas, step, 1));
      }
      expect(done.ids).toEqual(whole.done.ids);
      expect(done.text).toBe(whole.done.text);
    },
  );
}
