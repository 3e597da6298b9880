import { describe, expect, it } from "vitest";
import { Canvas } from "../vocabulary/canvas.js";
import { blockDiffusion } from "../decode/block-diffusion/decoder.js";
import { hashedModels, rehearse } from "../testing/rehearsal.js";
import { speculative } from "../decode/speculative/decoder.js";
import type { DoneEvent } from "../vocabulary/events.js";
import { Replay } from "./replay.js";
import { RunView, type Seen } from "./run-view.js";

/** A picture that is a canvas. */
class Paper {
  canvas = new Canvas();
  text: string | null = null;
  numDrawn = 0;
  clear() {
    this.canvas = new Canvas();
    this.text = null;
  }
  apply({ changes }: Seen) {
    this.numDrawn++;
    for (const { edit } of changes) this.canvas.apply(edit);
  }
  settle() {}
  finish({ text }: DoneEvent) {
    this.text = text;
  }
}

const CASES = [
  ["diffusion", blockDiffusion, "blocks", { threshold: 0.3 }],
  ["speculative", speculative, "causal", {}],
] as const;

describe.each(CASES)("the replay of a %s run", (_name, decoder, kind, options) => {
  const record = async () => {
    const request = { decoder, models: hashedModels(kind), promptIds: [0, 3, 4] };
    const { events, done } = await rehearse({
      ...request,
      options: { max_new_tokens: 12, temperature: 1, ...options },
    });
    const replay = new Replay();
    const run = new RunView();
    run.subscribe((seen) => replay.add(seen));
    for (const event of events) run.add(event);
    const steps = events.filter((event) => event.type === "step");
    /** Slots as they stood after each number of steps. */
    const states = [0, ...steps.keys()].map((_, numSteps) => {
      const shown = events.filter((event) => event.type === "start" || event.type === "step").slice(0, numSteps + 1);
      return Canvas.replay(shown.flatMap(({ edits }) => edits)).slots();
    });
    return { replay, states, done };
  };

  it("shows every step as it was, forwards, backwards and in leaps", async () => {
    const { replay, states, done } = await record();
    const paper = new Paper();
    const last = replay.numSteps;
    const forwards = [...states.keys()];
    for (const step of [...forwards, ...forwards.toReversed(), 2, last, 1, 2]) {
      replay.show(paper, step);
      expect(replay.position).toBe(step);
      expect(paper.canvas.slots()).toEqual(states[step]);
      expect(paper.text).toBe(step === last ? done.text : null);
    }
  });

  it("draws one step more as that step alone", async () => {
    const { replay } = await record();
    const paper = new Paper();
    replay.show(paper, 1);
    const before = paper.numDrawn;
    replay.show(paper, 2);
    expect(paper.numDrawn).toBe(before + 1);
  });

  it("counts the tokens that each step committed", async () => {
    const { replay, done } = await record();
    expect(replay.numSteps).toBe(done.metrics.steps);
    const committed = replay.commits.reduce((a, b) => a + b, 0);
    // Tokens past the asked length are committed and then deleted.
    expect(committed).toBeGreaterThanOrEqual(done.metrics.tokens);
    expect(Math.max(...replay.commits)).toBeGreaterThan(1);
  });
});
